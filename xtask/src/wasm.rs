//! The WASM package: cargo, wasm-bindgen, wasm-opt, and the size budget.

mod order;
mod parts;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{files, node, shell};

const TARGET: &str = "wasm32-unknown-unknown";
const BUILT: &str = "target/wasm32-unknown-unknown/wasm";
const PACKAGE: &str = "web/sdk/pkg";
const NAMED: &str = "target/named";

/// A WASM of the SDK. Each is compiled by itself, because cargo would unite their features otherwise.
struct Module {
    /// The cargo package.
    package: &'static str,
    /// What it is called in the SDK.
    name: &'static str,
    /// KB (1,000 bytes) of brotli (quality 11) that it should stay below.
    brotli_kb_goal: f64,
    /// KB of brotli at which the build fails.
    brotli_kb_max: f64,
}

const MODULES: [Module; 2] = [
    // the official Automerge package alone is 792, and a first load of 500 in all is the goal
    Module {
        package: "warroom-wasm",
        name: "warroom",
        brotli_kb_goal: 420.0,
        brotli_kb_max: 500.0,
    },
    // loaded when somebody imports or exports: a second on a slow connection of 1 Mbit/s
    Module {
        package: "warroom-formats",
        name: "formats",
        brotli_kb_goal: 100.0,
        brotli_kb_max: 125.0,
    },
];

const WRONG_BINDGEN: &str =
    "wasm-bindgen: its version has to be that of the wasm-bindgen crate in Cargo.lock";

/// Prints raw, gzip and brotli bytes of the file named by its argument.
const SIZES: &str = "const z = require('node:zlib'), b = require('node:fs').readFileSync(process.argv[1]); \
    const c = z.constants; \
    console.log(b.length, z.gzipSync(b, { level: 9 }).length, z.brotliCompressSync(b, { params: { \
    [c.BROTLI_PARAM_QUALITY]: 11, [c.BROTLI_PARAM_LGWIN]: 24, [c.BROTLI_PARAM_SIZE_HINT]: b.length } }).length)";

/// Builds `web/sdk/pkg` if anything changed, and fails when it is over budget.
///
/// # Errors
/// When a tool fails, or the size is over its limit.
pub(crate) fn build() -> Result<()> {
    node::install()?;
    install()?;
    fs::create_dir_all(PACKAGE)?;
    MODULES.iter().try_for_each(Module::build)
}

/// Prints what each WASM is made of.
///
/// # Errors
/// When it can't be built or read.
pub(crate) fn parts() -> Result<()> {
    for module in &MODULES {
        println!("{}:\n\n{}\n", module.name, module.parts()?);
    }
    Ok(())
}

/// Builds what `web/sdk/pkg` has with the names of its functions into `target/named`, for profilers.
///
/// # Errors
/// When it can't be built.
pub(crate) fn named() -> Result<()> {
    install()?;
    for module in &MODULES {
        module.compile()?;
        module.bindgen()?.generate(NAMED).context(WRONG_BINDGEN)?;
    }
    shell::say(&format!("with names, not optimised by wasm-opt: {NAMED}"));
    Ok(())
}

/// The target, and the source of the standard library.
fn install() -> Result<()> {
    let parts =
        [(["target", "add", TARGET], TARGET), (["component", "add", "rust-src"], "rust-src")];
    for (add, name) in parts {
        let [kind, ..] = add;
        let installed = shell::output("rustup", &[kind, "list", "--installed"]);
        if !installed.is_ok_and(|all| all.contains(name)) {
            shell::run("rustup", &add)?;
        }
    }
    Ok(())
}

impl Module {
    fn packaged(&self) -> String {
        format!("{PACKAGE}/{}_bg.wasm", self.name)
    }

    fn built(&self) -> String {
        format!("{BUILT}/{}.wasm", self.package.replace('-', "_"))
    }

    fn build(&self) -> Result<()> {
        self.compile()?;
        let parts = [&self.built(), "Cargo.lock", "xtask/src/wasm.rs", "xtask/src/wasm"];
        let stamp = format!("{PACKAGE}/.{}", self.name);
        let fingerprint = files::fingerprint(&parts)?;
        files::unless_done(&stamp, &fingerprint, &self.packaged(), || self.pack())?;
        self.check_size()
    }

    /// The standard library is compiled with the engine, for size, and nothing is kept that only a debugger would read: what
    /// `{:?}` prints, and in which line a panic was. Of 498 KB of brotli it saves 37 (18 for `{:?}`, 10 for the lines). So
    /// nothing that a person or a program reads may be written with `{:?}`; what dependencies write with it loses that part in
    /// the browser (serde says that a string is of a wrong type, and not which string). The stable compiler knows all of it, but
    /// takes it only where it is told that its flags may change with the next one. The first build fetches what the standard
    /// library depends on from crates.io, which needs a network.
    ///
    /// SHA-256 goes through its rounds in a loop instead of 64 times in a row: sha2's own switch.
    fn compile(&self) -> Result<()> {
        let flags = "-Zunstable-options -Zfmt-debug=none -Zlocation-detail=none --cfg sha2_backend_soft=\"compact\"";
        let std = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
        let mut cargo = Command::new("cargo");
        cargo
            .args(["build", "-p", self.package, "--target", TARGET, "--profile", "wasm"])
            .args(std);
        // would be taken instead of those below
        cargo.env_remove("CARGO_ENCODED_RUSTFLAGS");
        shell::run_with(cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags))
    }

    fn bindgen(&self) -> Result<Bindgen> {
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(self.built())
            .web(true)?
            .typescript(true)
            // without a worker, the SDK needs a fresh instance in the same page after a breakdown
            .reset_state_function(true)
            .out_name(self.name);
        Ok(bindgen)
    }

    /// What it is made of, as a table; the optimiser, which comes next, drops the names.
    fn parts(&self) -> Result<String> {
        self.compile()?;
        let mut bound = self.bindgen()?.demangle(false).generate_output().context(WRONG_BINDGEN)?;
        parts::table(&bound.wasm_mut().emit_wasm())
    }

    fn pack(&self) -> Result<()> {
        let packaged = self.packaged();
        shell::say("binding and optimising the WASM");
        self.bindgen()?.generate(PACKAGE).context(WRONG_BINDGEN)?;
        let optimised = format!("{packaged}.opt");
        let features = [
            "--enable-bulk-memory",
            "--enable-nontrapping-float-to-int",
            "--enable-sign-ext",
            "--enable-mutable-globals",
            "--enable-reference-types",
            "--enable-multivalue",
        ];
        // What counts is the size after brotli. Inlining makes the file 2 % smaller, and so does -Oz, but both take away the
        // repetition that brotli lives on: measured on the whole engine, inlining costs 50 KB and -Oz 5 KB.
        let no_inlining = ["-aimfs", "0", "-fimfs", "0", "-ocimfs", "0"];
        let strip = ["--strip-debug", "--strip-producers"];
        let mut arguments = vec!["--no-install", "wasm-opt", &packaged, "-o", &optimised];
        arguments.extend(features.iter().chain(&no_inlining).chain(&["-O2"]).chain(&strip));
        shell::run("npx", &arguments)?;
        // Functions that stand beside their like: another 10 KB less than in the order of their names.
        let mut module = fs::read(&optimised).with_context(|| optimised.clone())?;
        order::name_by_likeness(&mut module)?;
        fs::write(&optimised, module).with_context(|| optimised.clone())?;
        let mut arguments = vec!["--no-install", "wasm-opt", &optimised, "-o", &packaged];
        arguments.extend(features.iter().chain(&["--reorder-functions-by-name"]).chain(&strip));
        shell::run("npx", &arguments)?;
        fs::remove_file(&optimised)?;
        Ok(())
    }

    fn check_size(&self) -> Result<()> {
        let sizes = shell::output("node", &["-e", SIZES, &self.packaged()])?;
        let sizes: Vec<f64> = sizes
            .split_whitespace()
            .filter_map(|bytes| bytes.parse::<f64>().ok())
            .map(|b| b / 1e3)
            .collect();
        let [raw, gzip, brotli] = *sizes.as_slice() else {
            bail!("the size of {} can't be read", self.packaged())
        };
        let Self { package: _, name, brotli_kb_goal, brotli_kb_max } = self;
        shell::say(&format!(
            "{name}: {raw:.0} KB raw, {gzip:.0} KB gzip, {brotli:.0} KB brotli (goal {brotli_kb_goal}, at most {brotli_kb_max})"
        ));
        if brotli > *brotli_kb_max {
            bail!(
                "the WASM is over its budget: find what grew (`twiggy top`), or argue for a new one in docs/ARCHITECTURE.md"
            );
        }
        Ok(())
    }
}

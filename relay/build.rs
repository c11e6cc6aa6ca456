//! Puts the web app into the binary: the folder named by `WARROOM_WEB_DIST`, else `web/app/dist` where it was built,
//! else a page that says how to build it.
//!
//! Writes a table of the files (name, hash, bytes), sorted by name, which `src/http/app.rs` includes. What it includes
//! are copies that belong to this build, so the app may be built anew while the relay compiles.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

const PAGE: &str = "index.html";
const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>War Room</title>\n\
    <p>The relay runs. It was built without the web app: start it with <code>cargo xtask run</code>.</p>\n";
const BUILDING: &str = "the web app is being built just now, start again when it is";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=WARROOM_WEB_DIST");
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let named = env::var_os("WARROOM_WEB_DIST").map(PathBuf::from);
    let built = named.unwrap_or_else(|| here.join("../web/app/dist"));
    // Cargo can only watch what exists, so that the app is taken in when it is built later. Where the sources can't be
    // written, nothing will be built there either.
    if fs::create_dir_all(&built).is_ok() {
        println!("cargo::rerun-if-changed={}", built.display());
    }
    let folder = if built.join(PAGE).is_file() {
        built.canonicalize()?
    } else {
        let placeholder = out.join("placeholder");
        fs::create_dir_all(&placeholder)?;
        fs::write(placeholder.join(PAGE), PLACEHOLDER)?;
        placeholder
    };
    let mut files = Vec::new();
    collect(&folder, "", &mut files)?;
    files.sort();
    let copies = out.join("web");
    if copies.exists() {
        fs::remove_dir_all(&copies)?;
    }
    fs::create_dir_all(&copies)?;
    let mut table = String::from("&[\n");
    for (name, path) in &files {
        let bytes = fs::read(path).map_err(|error| format!("{name}: {error}: {BUILDING}"))?;
        let half =
            Sha256::digest(&bytes).first_chunk().map_or(0, |half| u128::from_be_bytes(*half));
        fs::write(copies.join(format!("{half:032x}")), bytes)?;
        writeln!(
            table,
            "    File {{ name: {name:?}, etag: \"\\\"{half:032x}\\\"\", \
             bytes: include_bytes!(\"web/{half:032x}\") }},"
        )?;
    }
    table += "]\n";
    fs::write(out.join("web.rs"), table)?;
    Ok(())
}

/// Adds the files in `folder` and below, named with `/` between the parts.
fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| "a file name is not UTF-8")?;
        let name = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

import importX from "eslint-plugin-import-x";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

/** Time, storage and sockets have doors: small files named in a comment that switches this off. */
const doors = [
  "error",
  ...["Date", "setTimeout", "setInterval", "WebSocket", "indexedDB"].map((name) => ({
    name,
    message: "only a door file may know it: ask for it as an argument, or go through the door",
  })),
];

export default ts.config(
  {
    ignores: ["**/dist/", "**/pkg/", "**/node_modules/", "target/", "**/public/", "examples/", "web/sdk/src/generated.ts"],
  },
  {
    files: ["web/{sdk,app}/**/*.ts", "web/app/**/*.svelte"],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, extraFileExtensions: [".svelte"] },
    },
    plugins: { "import-x": importX },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "import-x/no-cycle": "error",
      "no-restricted-globals": doors,
    },
    settings: { "import-x/extensions": [".ts"], "import-x/parsers": { "@typescript-eslint/parser": [".ts"] } },
  },
  {
    files: ["web/app/**/*.svelte", "web/app/**/*.svelte.ts"],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    // what a reactive statement or a template touches looks like an expression without effect
    files: ["web/app/**/*.svelte"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  {
    files: ["web/**/tests/**/*.ts", "web/**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-globals": "off",
    },
  },
  {
    // programs of Node: build files, browser tests, the stock client
    files: ["**/*.config.{js,ts}", "web/e2e/**/*.{js,mjs,ts}", "relay/tests/interop/**/*.{js,mjs}", "benches/rivals/javascript/*.mjs", "web/app/build/**/*.{js,mjs,ts}", "web/sdk/build.mjs"],
    extends: [ts.configs.recommended, ts.configs.disableTypeChecked],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { "no-restricted-globals": "off" },
  },
);

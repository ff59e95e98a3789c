// Builds the pages' styles and scripts into the folder that the binary embeds.
// Names carry a hash of their content, so that they may be cached for ever; the
// manifest says which name belongs to what. The folder is committed: `go
// install` needs no Node, and a test compares it with a fresh build.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "internal", "web", "ui", "dist");

// Physical sides become logical ones, in our own rules and in those of
// govuk-frontend alike: right-to-left is then a change of direction alone.
function logical(css) {
  const split = (v) => v.trim().match(/(?:[^\s(]+\([^)]*\)|[^\s]+)/g) ?? [];
  return css
    .replace(/(^|[{;\s])(margin|padding)-left\s*:/gm, "$1$2-inline-start:")
    .replace(/(^|[{;\s])(margin|padding)-right\s*:/gm, "$1$2-inline-end:")
    .replace(/(^|[{;\s])border-left(-width|-color|-style)?\s*:/gm, "$1border-inline-start$2:")
    .replace(/(^|[{;\s])border-right(-width|-color|-style)?\s*:/gm, "$1border-inline-end$2:")
    .replace(/(^|[{;\s])left\s*:/gm, "$1inset-inline-start:")
    .replace(/(^|[{;\s])right\s*:/gm, "$1inset-inline-end:")
    .replace(/(^|[{;\s])(text-align|float|clear)\s*:\s*(left|right)/gm, (_, p, prop, side) => {
      const way = side === "left" ? "start" : "end";
      return `${p}${prop}: ${prop === "text-align" ? way : "inline-" + way}`;
    })
    .replace(/(^|[{;\s])(margin|padding)\s*:\s*([^;}]+)/gm, (whole, p, prop, value) => {
      const v = split(value);
      if (v.length !== 4 || v[1] === v[3] || /!important/.test(value)) return whole;
      return `${p}${prop}-block: ${v[0]} ${v[2]}; ${prop}-inline: ${v[3]} ${v[1]}`;
    });
}

function style() {
  const made = sass.compile(join(here, "scss", "app.scss"), {
    loadPaths: [join(here, "node_modules")],
    quietDeps: true,
    style: "expanded",
    charset: false,
  });
  const css = logical(made.css.replace(/\/\*[\s\S]*?\*\//g, ""));
  for (const forbidden of ["@font-face", "url(", "@import", "GDS Transport"]) {
    if (css.includes(forbidden)) throw new Error(`the stylesheet contains ${forbidden}`);
  }
  return esbuild.transformSync(css, { loader: "css", minify: true, target: ["chrome105", "firefox110", "safari15.4"] }).code;
}

async function script(entry) {
  const made = await esbuild.build({
    entryPoints: [join(here, "js", entry)],
    absWorkingDir: here,
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022"],
    legalComments: "none",
    logLevel: "warning",
  });
  return made.outputFiles[0].text;
}

const assets = {
  "app.css": style(),
  "app.js": await script("app.js"),
  "mark.svg": readFileSync(join(here, "mark.svg"), "utf8"),
  "licences.txt": readFileSync(join(here, "licences.txt"), "utf8"),
};

mkdirSync(out, { recursive: true });
for (const old of readdirSync(out)) rmSync(join(out, old));
const manifest = {};
for (const name of Object.keys(assets).sort()) {
  const hash = createHash("sha256").update(assets[name]).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  manifest[name] = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  writeFileSync(join(out, manifest[name]), assets[name]);
}
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
for (const [name, file] of Object.entries(manifest)) console.log(`${name} -> ${file} ${assets[name].length} bytes`);

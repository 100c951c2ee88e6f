// Writes licences.txt beside the bundles: the notices of every package whose code is in them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

// Styles are read by Sass, which leaves no trace in the bundle: they are named here.
const NAMED = ["nhsuk-frontend"];
const INSIDE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

export function licenceNotices(root, named = NAMED) {
  return {
    name: "licence-notices",
    apply: "build",
    generateBundle(_, bundle) {
      const packages = new Map();
      for (const name of named) packages.set(name, join(root, "node_modules", name));
      for (const chunk of Object.values(bundle)) {
        for (const id of Object.keys(chunk.modules ?? {})) {
          const found = INSIDE.exec(id.replace(/^\0/, ""));
          if (found) packages.set(found[1], folderOf(found[0], join(root, "node_modules", found[1])));
        }
      }
      const sorted = [...packages].sort(([one], [other]) => (one < other ? -1 : 1));
      const notices = sorted.map(([name, folder]) => notice(name, folder));
      this.emitFile({ type: "asset", fileName: "licences.txt", source: notices.join("\n\n") });
    },
  };
}

// A package that another one carries within itself has no package.json there.
function folderOf(...folders) {
  return folders.find((one) => existsSync(join(one, "package.json")));
}

function notice(name, folder) {
  if (!folder) return `${name}\nCarried by another package of this list, under the notice of that one.\n`;
  const told = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : told.homepage;
  return `${name} ${told.version} (${told.license ?? "as follows"})\n${text}\n`;
}

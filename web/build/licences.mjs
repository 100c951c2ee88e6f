// Writes licences.txt beside the bundles: the notices of the packages whose code is in them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const BUNDLED = [
  ["maplibre-gl", "LICENSE.txt"],
  ["nhsuk-frontend", "README.md"],
];

export function licenceNotices(root, bundled = BUNDLED) {
  return {
    name: "licence-notices",
    apply: "build",
    generateBundle() {
      const notices = bundled.map(([name, file]) => {
        const folder = join(root, "node_modules", name);
        const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        const text = file.startsWith("LICENSE") ? readFileSync(join(folder, file), "utf8") : "";
        return `${name} ${version} (${license})\n${text}`;
      });
      this.emitFile({ type: "asset", fileName: "licences.txt", source: notices.join("\n\n") });
    },
  };
}

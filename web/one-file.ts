import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** Puts the page's script and style inside it, with a policy under which nothing is fetched, sent or framed. */
export function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle["verifier.html"];
      if (page?.type !== "asset") throw new Error("verifier.html was not built");
      let html = String(page.source);
      const hashes: string[] = [];
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        const style = name.endsWith(".css");
        const tag = style ? /<link rel="stylesheet"[^>]*>/ : /<script type="module"[^>]*><\/script>/;
        // the end of an element inside a script would end it
        const text = String(part.type === "asset" ? part.source : part.code)
          .trim()
          .replaceAll("</script", "<\\/script");
        const hash = createHash("sha256").update(text).digest("base64");
        hashes.push(`${style ? "style" : "script"}-src 'sha256-${hash}'`);
        if (!tag.test(html)) throw new Error(`no place for ${name}`);
        html = html.replace(tag, "");
        const inside = style
          ? `<style>${text}</style></head>`
          : `<script type="module">${text}</script></body>`;
        html = html.replace(style ? "</head>" : "</body>", () => inside);
        delete bundle[name];
      }
      const rest = "img-src blob: data:; media-src blob: mediastream:; base-uri 'none'; form-action 'none'";
      const policy = `default-src 'none'; ${hashes.join("; ")}; ${rest}`;
      page.source = html.replace(
        '<meta charset="utf-8">',
        `<meta charset="utf-8">\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
      );
    },
  };
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { fromBase64 } from "../src/verifier/bytes";
import { checkEu, euSigner } from "../src/verifier/eu";

/** The published vectors: in the folder that the Python tests use too (tests/needs.py). */
const DATA = process.env.WANGGE_TEST_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
const FOLDER = resolve(DATA, "dcc");
const NAMES: Record<string, string> = {
  prefix: "EXPECTEDUNPREFIX",
  base45: "EXPECTEDB45DECODE",
  compression: "EXPECTEDCOMPRESSION",
  decode: "EXPECTEDDECODE",
  signature: "EXPECTEDVERIFY",
  schema: "EXPECTEDSCHEMAVALIDATION",
  time: "EXPECTEDEXPIRATIONCHECK",
  usage: "EXPECTEDKEYUSAGE",
};

test.skipIf(!existsSync(FOLDER))("every EU vector gives its own expected results", async () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf-8" }).filter((name) =>
    name.endsWith(".json"),
  );
  const wrong: unknown[] = [];
  for (const name of files) {
    const body = JSON.parse(readFileSync(resolve(FOLDER, name), "utf-8"));
    const der = body.TESTCTX.CERTIFICATE;
    const clock = String(body.TESTCTX.VALIDATIONCLOCK).replace(/(\.\d{1,3})\d*/, "$1");
    const signers = der ? [await euSigner(fromBase64(der))] : [];
    const found = await checkEu(body.PREFIX ?? "", signers, Math.floor(Date.parse(clock) / 1000));
    for (const [step, expected] of Object.entries(NAMES)) {
      const wanted = body.EXPECTEDRESULTS[expected];
      if (wanted !== undefined && Boolean(found.steps[step]) !== wanted)
        wrong.push([name, step, wanted, found]);
    }
  }
  expect(files.length).toBe(94);
  expect(wrong).toEqual([]);
});

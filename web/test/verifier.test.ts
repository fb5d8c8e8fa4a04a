import { evaluate as published } from "certlogic-js";
import { expect, test } from "vitest";
import certlogic from "../../contracts/credential/certlogic.json?raw";
import vectors from "../../contracts/credential/vectors.json?raw";
import { evaluate, type Json, RuleError } from "../src/verifier/certlogic";
import { Refused } from "../src/verifier/problem";
import { openTrust } from "../src/verifier/trust";
import { check } from "../src/verifier/verify";

interface Vector {
  name: string;
  text: string;
  at: string;
  place?: string;
  verdict: string;
  code?: string;
  initials: string;
}

const body = JSON.parse(vectors) as { trust: unknown; vectors: Vector[] };
const bundle = JSON.stringify(body.trust);

test("every vector gets the verdict that the Python verifier gives", async () => {
  const trust = await openTrust(bundle);
  const wrong: unknown[] = [];
  for (const vector of body.vectors) {
    const at = Date.parse(vector.at) / 1000;
    const found = await check(trust, vector.text, at, vector.place).catch((error) => {
      if (error instanceof Refused) return { verdict: "refused", code: error.code, initials: "" };
      throw error;
    });
    const code = vector.code ?? found.code;
    if (found.verdict !== vector.verdict || found.code !== code || found.initials !== vector.initials)
      wrong.push([vector.name, found.verdict, found.code]);
  }
  expect(body.vectors.length).toBeGreaterThanOrEqual(35);
  expect(wrong).toEqual([]);
});

test("no character of a valid text can be changed", async () => {
  const trust = await openTrust(bundle);
  const good = body.vectors.find((vector) => vector.name === "green") as Vector;
  const at = Date.parse(good.at) / 1000;
  for (let place = 0; place < good.text.length; place += 1) {
    const other = good.text[place] === "7" ? "8" : "7";
    const changed = good.text.slice(0, place) + other + good.text.slice(place + 1);
    expect((await check(trust, changed, at)).verdict).not.toBe("valid");
  }
});

test("a trust file that is not signed throughout is refused", async () => {
  const file = JSON.parse(bundle);
  const changed = (list: string) => `${list.slice(0, 200)}${list[200] === "A" ? "B" : "A"}${list.slice(201)}`;
  for (const lists of [[], file.lists.slice(1), [changed(file.lists[0]), ...file.lists.slice(1)]])
    await expect(openTrust(JSON.stringify({ ...file, lists }))).rejects.toBeInstanceOf(Refused);
  for (const text of ["", "{}", "[]", '{"format":"wangge-trust/1"}'])
    await expect(openTrust(text)).rejects.toMatchObject({ code: "trust" });
});

interface Case {
  name: string;
  logic: Json;
  data: Json;
  result?: Json;
  time?: string;
  error?: boolean;
}

test("CertLogic is that of the specification, here and in its own implementation", () => {
  const outcome = (run: () => unknown) => {
    try {
      const found = run();
      return found instanceof Date ? { time: found.toISOString() } : { result: found };
    } catch (error) {
      if (error instanceof Error) return { error: true };
      throw error;
    }
  };
  const cases = JSON.parse(certlogic) as Case[];
  expect(cases.length).toBeGreaterThan(100);
  for (const { name, logic, data, ...wanted } of cases) {
    expect([name, outcome(() => evaluate(logic, data))]).toEqual([name, wanted]);
    // biome-ignore lint/suspicious/noExplicitAny: the published evaluator is typed for well-formed rules only
    expect([name, outcome(() => published(logic as any, data))]).toEqual([name, wanted]);
  }
  let deep: Json = true;
  for (let level = 0; level < 3000; level += 1) deep = { "!": [deep] };
  expect(() => evaluate(deep, {})).toThrow(RuleError);
});

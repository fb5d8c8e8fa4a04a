import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { type Answer, outcomeOf, pause, readAnswer, sendWaiting } from "../src/outbox/sender";
import { type Entry, Store } from "../src/outbox/store";

let store: Store;
let name = "";
let made = 0;

beforeEach(async () => {
  made += 1;
  name = `field-${made}`;
  store = await Store.open("worker-1", name);
});

const confirmed: Answer = { outcome: "confirmed", receipt: "R1", problem: null };
const later: Answer = { outcome: "later", receipt: null, problem: null };

async function visit(key: string, words = "漏水"): Promise<Entry> {
  return store.handIn("task:1", {
    key,
    title: "6-2-301",
    sendTo: "/field/visit/",
    fields: [["note", words]],
  });
}

test("a draft outlives the page and belongs to its worker", async () => {
  await store.keepDraft("task:1", [["note", "老人独居"]]);
  const again = await Store.open("worker-1", name);
  expect((await again.draft("task:1"))?.fields).toEqual([["note", "老人独居"]]);
  const other = await Store.open("worker-2", name);
  expect(await other.draft("task:1")).toBeUndefined();
});

test("handing in moves the draft to the outbox in one step", async () => {
  await store.keepDraft("task:1", [["note", "漏水"]]);
  await visit("k1");
  expect(await store.draft("task:1")).toBeUndefined();
  expect((await store.entries()).map((e) => [e.key, e.state])).toEqual([["k1", "waiting"]]);
});

test("a key that exists already does not lose the draft", async () => {
  await visit("k1");
  await store.keepDraft("task:1", [["note", "第二次"]]);
  await expect(visit("k1")).rejects.toBeTruthy();
  expect((await store.draft("task:1"))?.fields).toEqual([["note", "第二次"]]);
});

test("confirmed words leave the phone, the receipt stays", async () => {
  await visit("k1");
  const round = await sendWaiting(store, async () => confirmed);
  const [entry] = await store.entries();
  expect(round.left).toBe(0);
  expect(entry).toMatchObject({ state: "sent", receipt: "R1", fields: [] });
  expect(JSON.stringify(entry)).not.toContain("漏水");
});

test("without network everything waits, in order, with the same keys, and is sent once", async () => {
  await visit("k1");
  await visit("k2");
  const tried: string[] = [];
  let online = false;
  const post = async (entry: Entry): Promise<Answer> => {
    tried.push(entry.key);
    return online ? confirmed : later;
  };
  expect(await sendWaiting(store, post)).toMatchObject({ left: 2, signedOut: false });
  online = true;
  await sendWaiting(store, post);
  await sendWaiting(store, post);
  expect(tried).toEqual(["k1", "k1", "k2"]);
});

test("a refusal keeps the words and does not stop the next one", async () => {
  await visit("k1");
  await visit("k2");
  const post = async (entry: Entry): Promise<Answer> =>
    entry.key === "k1" ? { outcome: "refused", receipt: null, problem: "任务已改派" } : confirmed;
  await sendWaiting(store, post);
  const [first, second] = await store.entries();
  expect(first).toMatchObject({ state: "refused", problem: "任务已改派", fields: [["note", "漏水"]] });
  expect(second?.state).toBe("sent");
  await store.takeBack("k1", "task:1");
  expect((await store.draft("task:1"))?.fields).toEqual([["note", "漏水"]]);
});

test("another worker neither sees nor sends, but knows that something waits", async () => {
  await visit("k1");
  const other = await Store.open("worker-2", name);
  expect(await other.entries()).toEqual([]);
  expect(await other.waitingOfOthers()).toBe(1);
  await other.confirm("k1", "R9");
  expect((await store.entries())[0]?.state).toBe("waiting");
});

test("receipts are forgotten after their term, waiting entries never", async () => {
  await visit("k1");
  await sendWaiting(store, async () => confirmed);
  await visit("k2");
  expect(await store.forget(new Date(Date.now() + 1000))).toBe(1);
  expect((await store.entries()).map((e) => e.key)).toEqual(["k2"]);
});

test.each([
  [{ ok: true, status: 201, type: "basic", redirected: false }, "confirmed"],
  [{ ok: false, status: 0, type: "opaqueredirect", redirected: false }, "signed-out"],
  [{ ok: true, status: 200, type: "basic", redirected: true }, "signed-out"],
  [{ ok: false, status: 403, type: "basic", redirected: false }, "signed-out"],
  [{ ok: false, status: 409, type: "basic", redirected: false }, "refused"],
  [{ ok: false, status: 429, type: "basic", redirected: false }, "later"],
  [{ ok: false, status: 503, type: "basic", redirected: false }, "later"],
] as const)("answer %j means %s", (response, outcome) => {
  expect(outcomeOf(response)).toBe(outcome);
});

test("a page of a wireless login confirms nothing", async () => {
  expect(await readAnswer(new Response("<html>登录 WiFi</html>", { status: 200 }))).toEqual(later);
  expect(await readAnswer(new Response("{}", { status: 200 }))).toEqual(later);
  expect(await readAnswer(new Response('{"receipt":"R1"}', { status: 200 }))).toEqual(confirmed);
});

test("tries are spaced out, never longer than five minutes", () => {
  const pauses = [1, 2, 3, 50].map(pause);
  expect(pauses).toEqual([10, 20, 40, 300]);
});

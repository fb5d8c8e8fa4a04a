/**
 * Sends what waits, one at a time, in the order it was handed in.
 *
 * The centre's answer decides: 2xx confirms; 400, 409, 410, 413, 415, 422 refuse with a reason and the words stay
 * on the phone; being signed out, or refused at the door (401, 403), stops until the worker signs in; anything
 * else (no network, timeout, 5xx, 429) waits and is tried again, with the same key.
 */
import type { Entry, Store } from "./store";

export type Outcome = "confirmed" | "refused" | "signed-out" | "later";

export interface Answer {
  readonly outcome: Outcome;
  readonly receipt: string | null;
  readonly problem: string | null;
}

export type Post = (entry: Entry) => Promise<Answer>;

const REFUSALS = new Set([400, 404, 409, 410, 413, 415, 422]);

export function outcomeOf(response: Pick<Response, "ok" | "status" | "type" | "redirected">): Outcome {
  if (response.type === "opaqueredirect" || response.redirected) return "signed-out";
  if (response.ok) return "confirmed";
  if (response.status === 401 || response.status === 403) return "signed-out";
  if (REFUSALS.has(response.status)) return "refused";
  return "later";
}

/** Body of the answer: `{"receipt": "..."}` or `{"problem": "..."}`; anything else is no word from us. */
export async function readAnswer(response: Response): Promise<Answer> {
  const outcome = outcomeOf(response);
  let body: { receipt?: unknown; problem?: unknown } = {};
  try {
    body = (await response.json()) as typeof body;
  } catch {
    // A page instead of data, for example from a wireless login: not our centre, so nothing is confirmed.
    if (outcome === "confirmed") return { outcome: "later", receipt: null, problem: null };
  }
  const receipt = typeof body.receipt === "string" ? body.receipt : null;
  if (outcome === "confirmed" && receipt === null) return { outcome: "later", receipt: null, problem: null };
  return { outcome, receipt, problem: typeof body.problem === "string" ? body.problem : null };
}

export function postWith(token: () => string, timeout = 30_000): Post {
  return async (entry) => {
    const body = new FormData();
    for (const [name, value] of entry.fields) body.append(name, value);
    body.set("idempotency_key", entry.key);
    body.set("saved_at", entry.savedAt);
    try {
      const response = await fetch(entry.sendTo, {
        method: "POST",
        body,
        redirect: "manual",
        credentials: "same-origin",
        headers: { Accept: "application/json", "Idempotency-Key": entry.key, "X-CSRFToken": token() },
        signal: AbortSignal.timeout(timeout),
      });
      return await readAnswer(response);
    } catch {
      return { outcome: "later", receipt: null, problem: null };
    }
  };
}

/** Seconds until the next try: 5, 10, 20 ... at most five minutes. */
export function pause(tries: number): number {
  return Math.min(300, 5 * 2 ** Math.min(tries, 10));
}

export interface Round {
  readonly left: number;
  readonly tries: number;
  readonly signedOut: boolean;
}

export async function sendWaiting(store: Store, post: Post, changed: () => void = () => {}): Promise<Round> {
  const waiting = (await store.entries()).filter((entry) => entry.state === "waiting");
  for (const [at, entry] of waiting.entries()) {
    const answer = await post(entry);
    if (answer.outcome === "confirmed") {
      await store.confirm(entry.key, answer.receipt);
    } else if (answer.outcome === "refused") {
      await store.change(entry.key, { state: "refused", problem: answer.problem });
    } else {
      await store.change(entry.key, { tries: entry.tries + 1 });
      changed();
      return {
        left: waiting.length - at,
        tries: entry.tries + 1,
        signedOut: answer.outcome === "signed-out",
      };
    }
    changed();
  }
  return { left: 0, tries: 0, signedOut: false };
}

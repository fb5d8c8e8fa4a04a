/** CertLogic (1.x), the logic of acceptance rules; the same as `wangge_credential.certlogic`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Result = Json | Date;

export class RuleError extends Error {}

const DEPTH = 64;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(?:Z|([+-])(\d{1,2}):?(\d{2})?)?$/;

const isInt = (value: unknown): value is number => Number.isInteger(value);

export function truth(value: Result | undefined): boolean {
  if (value instanceof Date) throw new RuleError("neither true nor false");
  if (Array.isArray(value)) return value.length > 0;
  if (value !== null && typeof value === "object") return Object.keys(value).length > 0;
  return Boolean(value);
}

function readTime(text: unknown): Date {
  if (typeof text !== "string") throw new RuleError("a time must be a text");
  const found = INSTANT.exec(text);
  let time: Date;
  if (found) {
    const part = (found[3] ?? "").slice(0, 4).padEnd(4, "0").replace(/^0/, ".");
    time = new Date(`${found[1]}T${found[2]}${part}Z`);
    const away = (Number(found[5] ?? 0) * 60 + Number(found[6] ?? 0)) * 60_000;
    time = new Date(time.getTime() + (found[4] === "-" ? away : -away));
  } else if (/^\d{4}-\d{2}-\d{2}$/.test(text)) time = new Date(text);
  else throw new RuleError("not a date or an instant");
  if (Number.isNaN(time.getTime())) throw new RuleError("no such time");
  return time;
}

function plusTime(time: Date, amount: number, unit: unknown): Date {
  if (unit === "day") time.setUTCDate(time.getUTCDate() + amount);
  else if (unit === "hour") time.setUTCHours(time.getUTCHours() + amount);
  else if (unit === "month") time.setUTCMonth(time.getUTCMonth() + amount);
  else if (unit === "year") time.setUTCFullYear(time.getUTCFullYear() + amount);
  else throw new RuleError("no such unit");
  if (Number.isNaN(time.getTime())) throw new RuleError("the time is out of range");
  return time;
}

function access(data: Json | undefined, path: string): Json {
  let at: Json | undefined = data;
  if (path !== "")
    for (const part of path.split(".")) {
      if (Array.isArray(at)) at = /^\d+$/.test(part) ? at[Number(part)] : null;
      else if (at !== null && typeof at === "object") at = Object.hasOwn(at, part) ? at[part] : null;
      else return null;
    }
  return at ?? null;
}

const HOLDS: Record<string, (left: number, right: number) => boolean> = {
  "<": (left, right) => left < right,
  ">": (left, right) => left > right,
  "<=": (left, right) => left <= right,
  ">=": (left, right) => left >= right,
};
const OF_TIMES: Record<string, string> = { before: "<", after: ">", "not-after": "<=", "not-before": ">=" };

function compare(operator: string, values: Result[]): boolean {
  const times = OF_TIMES[operator];
  const numbers = values.map((value) => {
    if (times ? value instanceof Date : isInt(value)) return Number(value);
    throw new RuleError("operands of a comparison must be of its kind");
  });
  const holds = HOLDS[times ?? operator];
  return numbers.slice(1).every((right, at) => holds?.(numbers[at] as number, right));
}

function identical(left: Result, right: Result): boolean {
  return (left === null || typeof left !== "object") && left === right;
}

type Apply = (values: Json[], data: Json | undefined, depth: number, operator: string) => Result;

function count(values: Json[], low: number, high: number): void {
  if (values.length < low || values.length > high) throw new RuleError("wrong number of operands");
}

const comparison: Apply = (values, data, depth, operator) => {
  count(values, 2, 3);
  return compare(
    operator,
    values.map((value) => evaluate(value, data, depth)),
  );
};

const OPERATIONS: Record<string, Apply> = {
  if: (values, data, depth) => {
    count(values, 3, 3);
    return evaluate(values[truth(evaluate(values[0], data, depth)) ? 1 : 2], data, depth);
  },
  and: (values, data, depth) => {
    count(values, 2, values.length);
    let result: Result = true;
    for (const value of values) {
      result = evaluate(value, data, depth);
      if (!truth(result)) return result;
    }
    return result;
  },
  "!": (values, data, depth) => !truth(evaluate(values[0], data, depth)),
  "===": (values, data, depth) => {
    count(values, 2, 2);
    return identical(evaluate(values[0], data, depth), evaluate(values[1], data, depth));
  },
  in: (values, data, depth) => {
    count(values, 2, 2);
    const wanted = evaluate(values[0], data, depth);
    const among = evaluate(values[1], data, depth);
    if (!Array.isArray(among)) throw new RuleError("in takes a list on its right");
    return among.some((item) => identical(wanted, item));
  },
  "+": (values, data, depth) => {
    count(values, 2, 2);
    const [left, right] = [evaluate(values[0], data, depth), evaluate(values[1], data, depth)];
    if (!isInt(left) || !isInt(right)) throw new RuleError("+ takes whole numbers");
    return left + right;
  },
  plusTime: (values, data, depth) => {
    count(values, 3, 3);
    if (!isInt(values[1])) throw new RuleError("plusTime takes a whole number and a unit");
    return plusTime(readTime(evaluate(values[0], data, depth)), values[1], values[2]);
  },
  reduce: (values, data, depth) => {
    count(values, 3, 3);
    const among = evaluate(values[0], data, depth);
    let result = evaluate(values[2], data, depth);
    if (among === null) return result;
    if (!Array.isArray(among)) throw new RuleError("reduce takes a list");
    for (const current of among)
      result = evaluate(values[1], { accumulator: result as Json, current }, depth);
    return result;
  },
  extractFromUVCI: (values, data, depth) => {
    count(values, 2, 2);
    const uvci = evaluate(values[0], data, depth);
    const index = values[1];
    if (!(uvci === null || typeof uvci === "string") || !isInt(index))
      throw new RuleError("extractFromUVCI takes a text and a number");
    return (uvci?.replace(/^URN:UVCI:/, "").split(/[/#:]/)[index] ?? null) as Json;
  },
  ...Object.fromEntries([...Object.keys(HOLDS), ...Object.keys(OF_TIMES)].map((name) => [name, comparison])),
};

export function evaluate(rule: Json | undefined, data: Json | undefined, depth = 0): Result {
  if (depth > DEPTH) throw new RuleError("too deep");
  if (typeof rule === "string" || typeof rule === "boolean" || isInt(rule)) return rule;
  if (Array.isArray(rule)) return rule.map((item) => evaluate(item, data, depth + 1) as Json);
  if (rule === null || typeof rule !== "object") throw new RuleError("not an expression");
  const entries = Object.entries(rule);
  const [operator, values] = entries[0] ?? [];
  if (entries.length !== 1 || operator === undefined) throw new RuleError("not an expression");
  if (operator === "var") {
    if (typeof values !== "string") throw new RuleError("var takes a path");
    return access(data, values);
  }
  if (!Array.isArray(values) || !values.length) throw new RuleError("an operation takes a list of values");
  const apply = Object.hasOwn(OPERATIONS, operator) ? OPERATIONS[operator] : undefined;
  if (!apply) throw new RuleError("no such operation");
  return apply(values, data, depth + 1, operator);
}

/** Words of the islands. The page carries them, translated, in one JSON block; keys are checked by a test. */
export type WordKey =
  | "problem"
  | "answer_missing"
  | "copied"
  | "copy_failed"
  | "no_connection"
  | "server_fault"
  | "map_failed"
  | "map_zoom_in"
  | "map_zoom_out"
  | "map_whole"
  | "map_many"
  | "tier_red"
  | "tier_orange"
  | "tier_yellow"
  | "tier_blue"
  | "tier_green"
  | "kind_case"
  | "kind_task"
  | "kind_defect"
  | "kind_building"
  | "kind_asset"
  | "kind_exclusive"
  | "band_far_below"
  | "band_below"
  | "band_on"
  | "band_above"
  | "band_far_above"
  | "band_locked"
  | "line_road"
  | "line_river"
  | "line_railway"
  | "line_wall"
  | "line_net"
  | "net_moves"
  | "net_only"
  | "draft_saved"
  | "draft_failed"
  | "draft_restored"
  | "outbox_sign_in"
  | "outbox_offline"
  | "outbox_other_worker"
  | "outbox_refused"
  | "outbox_stored"
  | "outbox_not_stored"
  | "outbox_waiting_since"
  | "outbox_sent_at";

let words: Partial<Record<WordKey, string>> | undefined;

function load(): Partial<Record<WordKey, string>> {
  const text = document.getElementById("words")?.textContent;
  return text ? (JSON.parse(text) as Partial<Record<WordKey, string>>) : {};
}

/** The word in the page's language, with `{name}` places filled; the key itself when the page has none. */
export function word(key: WordKey, values: Record<string, string | number> = {}): string {
  words ??= load();
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

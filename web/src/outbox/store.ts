/**
 * What the phone keeps: drafts (words typed, not yet handed in) and entries (handed in, on their way).
 *
 * Everything is bound to the worker who typed it: another worker on the same phone neither sees nor sends it.
 * Once the centre has confirmed an entry its words are wiped; only title, time and receipt stay.
 */
export type EntryState = "waiting" | "sent" | "refused";

export type Value = string | Blob;
export type Fields = readonly (readonly [name: string, value: Value])[];

export interface Entry {
  /** Made on the phone when the visit is handed in; the centre counts one key once. */
  readonly key: string;
  readonly worker: string;
  readonly title: string;
  readonly sendTo: string;
  readonly savedAt: string;
  fields: Fields;
  state: EntryState;
  tries: number;
  sentAt: string | null;
  receipt: string | null;
  problem: string | null;
}

export interface Draft {
  readonly id: string;
  readonly worker: string;
  readonly fields: Fields;
  readonly at: string;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

function finished(work: IDBTransaction): Promise<void> {
  return new Promise((done, fail) => {
    work.oncomplete = () => done();
    work.onabort = () => fail(work.error ?? new Error("the phone's storage gave the work up"));
  });
}

export class Store {
  private constructor(
    private readonly db: IDBDatabase,
    private readonly worker: string,
  ) {}

  static async open(worker: string, name = "wangge-field"): Promise<Store> {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: ["worker", "id"] });
      const entries = request.result.createObjectStore("entries", { keyPath: "key" });
      entries.createIndex("worker", "worker");
    };
    const db = await asked(request);
    db.onversionchange = () => db.close();
    return new Store(db, worker);
  }

  private begin(
    stores: "drafts" | "entries" | ["drafts", "entries"],
    mode: IDBTransactionMode,
  ): IDBTransaction {
    // strict: the promise of "saved here" is made only when the words are on the disk.
    return this.db.transaction(stores, mode, { durability: "strict" });
  }

  async keepDraft(id: string, fields: Fields): Promise<void> {
    const work = this.begin("drafts", "readwrite");
    const draft: Draft = { id, worker: this.worker, fields, at: new Date().toISOString() };
    work.objectStore("drafts").put(draft);
    await finished(work);
  }

  async draft(id: string): Promise<Draft | undefined> {
    const store = this.begin("drafts", "readonly").objectStore("drafts");
    return (await asked(store.get([this.worker, id]))) as Draft | undefined;
  }

  async dropDraft(id: string): Promise<void> {
    const work = this.begin("drafts", "readwrite");
    work.objectStore("drafts").delete([this.worker, id]);
    await finished(work);
  }

  /** Draft to entry in one transaction: no moment in which the words are in neither or in both. */
  async handIn(draft: string, made: Pick<Entry, "key" | "title" | "sendTo" | "fields">): Promise<Entry> {
    const entry: Entry = {
      ...made,
      worker: this.worker,
      savedAt: new Date().toISOString(),
      state: "waiting",
      tries: 0,
      sentAt: null,
      receipt: null,
      problem: null,
    };
    const work = this.begin(["drafts", "entries"], "readwrite");
    work.objectStore("entries").add(entry);
    work.objectStore("drafts").delete([this.worker, draft]);
    await finished(work);
    return entry;
  }

  async entries(): Promise<Entry[]> {
    const index = this.begin("entries", "readonly").objectStore("entries").index("worker");
    const mine = (await asked(index.getAll(this.worker))) as Entry[];
    return mine.sort((a, b) => a.savedAt.localeCompare(b.savedAt));
  }

  /** How many entries of other workers wait on this phone: a number, never their words. */
  async waitingOfOthers(): Promise<number> {
    const all = (await asked(this.begin("entries", "readonly").objectStore("entries").getAll())) as Entry[];
    return all.filter((entry) => entry.worker !== this.worker && entry.state !== "sent").length;
  }

  async change(key: string, with_: Partial<Entry>): Promise<void> {
    const work = this.begin("entries", "readwrite");
    const store = work.objectStore("entries");
    const held = (await asked(store.get(key))) as Entry | undefined;
    if (held && held.worker === this.worker) store.put({ ...held, ...with_ });
    await finished(work);
  }

  /** Confirmed by the centre: the words leave the phone. */
  async confirm(key: string, receipt: string | null): Promise<void> {
    await this.change(key, {
      state: "sent",
      sentAt: new Date().toISOString(),
      receipt,
      problem: null,
      fields: [],
    });
  }

  /** A refused entry goes back to a draft so that it can be put right; its key is not used again. */
  async takeBack(key: string, draft: string): Promise<void> {
    const work = this.begin(["drafts", "entries"], "readwrite");
    const entries = work.objectStore("entries");
    const held = (await asked(entries.get(key))) as Entry | undefined;
    if (held && held.worker === this.worker && held.state === "refused") {
      const kept: Draft = {
        id: draft,
        worker: this.worker,
        fields: held.fields,
        at: new Date().toISOString(),
      };
      work.objectStore("drafts").put(kept);
      entries.delete(key);
    }
    await finished(work);
  }

  /** Receipts older than the term are of no more use on a phone. */
  async forget(before: Date): Promise<number> {
    const old = (await this.entries()).filter(
      (e) => e.state === "sent" && e.sentAt && e.sentAt < before.toISOString(),
    );
    const work = this.begin("entries", "readwrite");
    for (const entry of old) work.objectStore("entries").delete(entry.key);
    await finished(work);
    return old.length;
  }
}

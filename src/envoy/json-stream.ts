/** JSON objects that follow each other without anything between them but blanks, as `/tap` of Envoy streams them. */

/** An object larger than this is passed over; what Envoy tells of one request without its body is some kilobytes. */
const MOST_CHARACTERS = 1 << 20;

export class JsonStream {
  #text = '';
  #scanned = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #isTooLong = false;

  /** @returns the objects that are complete by now; what is no JSON is left out */
  push(chunk: string): readonly unknown[] {
    this.#text += chunk;
    const found: unknown[] = [];
    let start = 0;
    for (; this.#scanned < this.#text.length; this.#scanned++) {
      const char = this.#text[this.#scanned];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inString = false;
      } else if (char === '"') {
        this.#inString = true;
      } else if (char === '{') {
        if (this.#depth++ === 0) start = this.#scanned;
      } else if (char === '}' && this.#depth > 0 && --this.#depth === 0) {
        const value = this.#isTooLong ? undefined : parsed(this.#text.slice(start, this.#scanned + 1));
        if (value !== undefined) found.push(value);
        this.#isTooLong = false;
        start = this.#scanned + 1;
      }
    }
    this.#keep(this.#depth === 0 ? this.#text.length : start);
    return found;
  }

  #keep(from: number): void {
    this.#text = this.#text.slice(from);
    if (this.#text.length > MOST_CHARACTERS) {
      this.#isTooLong = true;
      this.#text = '{';
    }
    this.#scanned = this.#text.length;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

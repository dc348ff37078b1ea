/** How much a chart may be: real ones stay far below, and what is beyond was made to do harm. The unpacked sizes are Helm's. */
export const MOST_FILE_BYTES = 5 * 1024 * 1024;
export const MOST_PACKED_BYTES = 50 * 1024 * 1024;
const MOST_BYTES = 100 * 1024 * 1024;
const MOST_FILES = 20_000;

/** What is left for a chart with all the charts inside it; readers take from it. */
export interface Room {
  bytes: number;
  files: number;
}

export const wholeRoom = (): Room => ({ bytes: MOST_BYTES, files: MOST_FILES });

/** @returns why the file has no room, as a clause; undefined when it has, which is then taken */
export function takeRoom(room: Room, bytes: number, name: string): string | undefined {
  if (bytes > MOST_FILE_BYTES) return `its file "${name}" is larger than 5 MiB`;
  room.bytes -= bytes;
  room.files -= 1;
  if (room.bytes < 0) return TOO_LARGE;
  return room.files < 0 ? `it holds more than ${MOST_FILES} files` : undefined;
}

export const TOO_LARGE = 'it unpacks to more than 100 MiB';

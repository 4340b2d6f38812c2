import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';

/** A file of an archive: its content, or where that stands. */
export interface Entry {
  readonly name: string;
  readonly content: Uint8Array | string | { readonly file: string };
  /** @default 0o600 */
  readonly mode?: number;
}

/** Files as a tar archive, whole in memory. The same files give the same bytes. */
export async function archiveOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  const [chunks] = await Promise.all([collect(archive), fill(archive, entries)]);
  return chunks;
}

/** Writes them to a file that only its owner may read, which takes its place when it is whole. */
export async function writeArchive(path: string, entries: readonly Entry[]): Promise<void> {
  const passing = `${path}.${process.pid}`;
  const archive = pack();
  try {
    await Promise.all([pipeline(archive, createWriteStream(passing, { mode: 0o600 })), fill(archive, entries)]);
    renameSync(passing, path);
  } catch (error) {
    rmSync(passing, { force: true });
    throw error;
  }
}

async function collect(archive: Pack): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function fill(archive: Pack, entries: readonly Entry[]): Promise<void> {
  for (const { name, content, mode = 0o600 } of entries) {
    const header = { name, mode, mtime: new Date(0) };
    if (typeof content === 'string' || content instanceof Uint8Array) archive.entry(header, Buffer.from(content as Uint8Array));
    else await pipeline(createReadStream(content.file), archive.entry({ ...header, size: statSync(content.file).size }));
  }
  archive.finalize();
}

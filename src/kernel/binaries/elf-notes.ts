/**
 * Notes of an ELF file: owner, type and description. They lie in sections (debug files, stapsdt) or, where section
 * headers were stripped, in PT_NOTE segments. Holds the build id, by which a binary and its debug file are paired.
 */

import { type Elf, readSection, SECTION_NOTE, SEGMENT_NOTE } from './elf.ts';

export interface ElfNote {
  readonly owner: string;
  readonly type: number;
  readonly description: Buffer;
}

const NOTE_GNU_BUILD_ID = 3;

/** readNotes lists the notes of one section's or segment's bytes; stops at the first that does not fit. */
export function readNotes(bytes: Buffer): ElfNote[] {
  const notes: ElfNote[] = [];
  let at = 0;
  while (at + 12 <= bytes.length) {
    const ownerSize = bytes.readUInt32LE(at);
    const descriptionSize = bytes.readUInt32LE(at + 4);
    const type = bytes.readUInt32LE(at + 8);
    const ownerAt = at + 12;
    const descriptionAt = ownerAt + align4(ownerSize);
    const end = descriptionAt + descriptionSize;
    if (end > bytes.length) break;
    notes.push({
      owner: bytes.toString('latin1', ownerAt, ownerAt + Math.max(0, ownerSize - 1)),
      type,
      description: bytes.subarray(descriptionAt, end),
    });
    at = descriptionAt + align4(descriptionSize);
  }
  return notes;
}

/** buildId returns the build id as lower-case hex. */
export function buildId(elf: Elf): string | undefined {
  const note = [...allNotes(elf)].find((one) => one.owner === 'GNU' && one.type === NOTE_GNU_BUILD_ID);
  return note && note.description.length > 0 ? note.description.toString('hex') : undefined;
}

function* allNotes(elf: Elf): Generator<ElfNote> {
  let hasSections = false;
  for (const section of elf.sections) {
    if (section.type !== SECTION_NOTE) continue;
    hasSections = true;
    if (section.name !== '.note.stapsdt') yield* readNotes(readSection(elf, section));
  }
  if (hasSections) return;
  for (const segment of elf.segments)
    if (segment.type === SEGMENT_NOTE) yield* readNotes(elf.source.read(segment.offset, segment.fileSize));
}

function align4(size: number): number {
  return (size + 3) & ~3;
}

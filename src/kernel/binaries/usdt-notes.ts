/**
 * USDT markers from .note.stapsdt. A note holds link-time addresses; if the binary was prelinked since, the section
 * .stapsdt.base has moved against the base the note remembers, and every address with it. One marker may occur many
 * times (inlining), each with arguments of its own.
 */

import type { UsdtProbe } from '../facts.ts';
import { type Elf, fileOffsetOf, findSection, readName, readSection, readWord } from './elf.ts';
import { readNotes } from './elf-notes.ts';
import { readSymbolTable, type SymbolTable } from './symbol-table.ts';
import { parseUsdtArguments } from './usdt-arguments.ts';

const NOTE_STAPSDT = 3;

/** readUsdtProbes lists the markers of a binary in the order of its notes. */
export function readUsdtProbes(elf: Elf): UsdtProbe[] {
  const section = findSection(elf, '.note.stapsdt');
  if (!section) return [];
  const base = findSection(elf, '.stapsdt.base')?.address;
  const wordSize = elf.is64 ? 8 : 4;
  let symbols: SymbolTable | undefined;
  const symbolAddress = (name: string) => {
    symbols ??= readSymbolTable(elf);
    const index = symbols.findName(name);
    return index < 0 ? undefined : symbols.address(index);
  };
  const probes: UsdtProbe[] = [];
  for (const note of readNotes(readSection(elf, section))) {
    const bytes = note.description;
    if (note.owner !== 'stapsdt' || note.type !== NOTE_STAPSDT || bytes.length < wordSize * 3) continue;
    const word = (index: number) => (elf.is64 ? readWord(bytes, index * 8) : bytes.readUInt32LE(index * 4));
    const noteBase = word(1);
    const shift = base === undefined || noteBase === 0 ? 0 : base - noteBase;
    const address = word(0) + shift;
    const semaphore = word(2);
    const fileOffset = fileOffsetOf(elf, address);
    if (fileOffset === undefined) continue;
    const [provider, name, text] = readTexts(bytes, wordSize * 3);
    probes.push({
      provider,
      name,
      fileOffset: BigInt(fileOffset),
      semaphoreOffset: BigInt(semaphore === 0 ? 0 : (fileOffsetOf(elf, semaphore + shift) ?? 0)),
      args: parseUsdtArguments(text, {
        machine: elf.machine,
        probeAddress: address,
        symbolAddress,
      }),
    });
  }
  return probes;
}

function readTexts(bytes: Buffer, start: number): [string, string, string] {
  const provider = readName(bytes, start);
  const nameAt = start + provider.length + 1;
  const name = readName(bytes, nameAt);
  return [provider, name, readName(bytes, nameAt + name.length + 1)];
}

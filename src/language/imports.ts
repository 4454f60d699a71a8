/**
 * Root imports: the files that a script names are read and parsed, each once, and their items stand before those of
 * the file that imports them. A directory that anyone may write to is refused, as scripts run as root.
 */

import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { type Diagnostic, DiagnosticList, type Source, type Span } from '../diagnostics/diagnostic.ts';
import type { AnyNode, CDefinition, ImportStatement, Program, RootImport, RootItem } from './ast.ts';
import { LIVE_FILES, readSource, type ScriptFiles } from './files.ts';
import { type ParseOptions, parseProgram } from './parser.ts';
import { walk } from './walk.ts';

export interface ImportOptions extends ParseOptions {
  /** The script's own path; without one (`-e`, standard input) imports are relative to the working directory. */
  readonly path?: string;
  readonly files?: ScriptFiles;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedProgram {
  /** With the imports replaced by what they hold. */
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
  /** Paths of all files read, for a tool that watches them. */
  readonly paths: readonly string[];
}

/** Files imported one from another, at most; a cycle is no error, since each file is read once. */
const DEEPEST_IMPORT = 50;

/** loadProgram parses a script and all that it imports. */
export function loadProgram(source: Source, options: ImportOptions = {}): LoadedProgram {
  const { program, diagnostics } = parseProgram(source, options);
  const statements = allowsStatements(program, options.env ?? {}) ? importStatements(program) : [];
  if (statements.length === 0 && !program.items.some((item) => item.kind === 'RootImport'))
    return { program, diagnostics, paths: [] };
  const loader = new ImportLoader(options);
  loader.diagnostics.add(...diagnostics);
  const base = options.path === undefined ? process.cwd() : dirname(resolve(options.path));
  if (options.path !== undefined) loader.markSeen(options.path);
  const { definitions, items } = loader.inline(program, base, 0);
  const inner = statements.map((statement) => loader.load(statement, base, 0));
  return {
    program: {
      ...program,
      definitions: [...inner.flatMap((parts) => parts.definitions), ...definitions],
      items: [...inner.flatMap((parts) => parts.items), ...items],
    },
    diagnostics: loader.diagnostics.items,
    paths: loader.paths,
  };
}

const SETTING = 'unstable_import_statement';

/** Imports inside blocks are off unless the script or the environment, which wins, turns them on. */
function allowsStatements(program: Program, env: Readonly<Record<string, string | undefined>>): boolean {
  const entries = program.items.flatMap((item) => (item.kind === 'ConfigBlock' ? item.entries : []));
  const isMeant = (name: string) => name.toLowerCase().replace(/^bpftrace_/, '') === SETTING;
  const value = env[`BPFTRACE_${SETTING.toUpperCase()}`] ?? entries.find(({ name }) => isMeant(name))?.value;
  return value === 'enable' || value === 'warn';
}

function importStatements(program: Program): readonly ImportStatement[] {
  const found: ImportStatement[] = [];
  const visit = (node: AnyNode): undefined => {
    if (node.kind === 'ImportStatement') found.push(node);
  };
  for (const item of program.items) walk(item, visit);
  return found;
}

interface Parts {
  readonly definitions: readonly CDefinition[];
  readonly items: readonly RootItem[];
}

class ImportLoader {
  readonly diagnostics = new DiagnosticList();
  readonly paths: string[] = [];
  readonly #options: ImportOptions;
  readonly #files: ScriptFiles;
  readonly #seen = new Set<string>();

  constructor(options: ImportOptions) {
    this.#options = options;
    this.#files = options.files ?? LIVE_FILES;
  }

  /** True the first time. */
  markSeen(path: string): boolean {
    const name = this.#files.canonical(resolve(path));
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }

  inline(program: Program, base: string, depth: number): Parts {
    const definitions: CDefinition[] = [];
    const imported: RootItem[] = [];
    const own: RootItem[] = [];
    for (const item of program.items) {
      if (item.kind !== 'RootImport') {
        own.push(item);
        continue;
      }
      const parts = this.load(item, base, depth);
      definitions.push(...parts.definitions);
      imported.push(...parts.items);
    }
    return { definitions: [...definitions, ...program.definitions], items: [...imported, ...own] };
  }

  /** load gives what a file or directory holds. */
  load(item: RootImport | ImportStatement, base: string, depth: number): Parts {
    const path = isAbsolute(item.path) ? item.path : join(base, item.path);
    const kind = this.#files.kindOf(path);
    if (kind === 'absent') return this.#refuse('import-absent', `import '${item.path}' not found`, item.span);
    if (depth >= DEEPEST_IMPORT) return this.#refuse('import-depth', 'Too many imports one from another', item.span);
    const directory = kind === 'directory' ? path : dirname(path);
    if (this.#files.isWorldWritable(directory))
      return this.#refuse(
        'import-unsafe',
        `import '${item.path}' refused: anyone may write to the directory '${directory}'`,
        item.span,
        [`take the permission away: chmod o-w ${directory}`],
      );
    if (kind === 'file') return this.#loadFile(path, item, depth);
    const parts = this.#files
      .list(path)
      .filter((name) => isImportable(name))
      .map((name) => this.#loadFile(join(path, name), item, depth));
    return {
      definitions: parts.flatMap((part) => part.definitions),
      items: parts.flatMap((part) => part.items),
    };
  }

  #loadFile(path: string, item: RootImport | ImportStatement, depth: number): Parts {
    if (!this.markSeen(path)) return NOTHING;
    this.paths.push(path);
    if (path.endsWith('.bpf.c'))
      return this.#refuse('import-c', `import of '${basename(path)}' needs a C compiler`, item.span, [
        'bptop has none: write it as macros or functions in a .bt file',
      ]);
    if (path.endsWith('.h'))
      return {
        definitions: [{ kind: 'CDefinition', span: item.span, text: `#include "${resolve(path)}"` }],
        items: [],
      };
    const { source, diagnostics } = readSource(path, this.#files);
    this.diagnostics.add(...diagnostics.map((diagnostic) => ({ ...diagnostic, span: item.span })));
    if (!source) return NOTHING;
    const parsed = parseProgram(source, this.#options);
    this.diagnostics.add(...parsed.diagnostics);
    for (const config of parsed.program.items.filter((inner) => inner.kind === 'ConfigBlock'))
      this.diagnostics.error('import-config', 'An imported file may not hold a config block', config.span);
    const parts = this.inline(parsed.program, dirname(path), depth + 1);
    return { ...parts, items: parts.items.filter((inner) => inner.kind !== 'ConfigBlock') };
  }

  #refuse(code: string, message: string, span: Span, hints: readonly string[] = []): Parts {
    this.diagnostics.error(code, message, span, { hints });
    return NOTHING;
  }
}

const NOTHING: Parts = { definitions: [], items: [] };

function isImportable(name: string): boolean {
  return name.endsWith('.bt') || name.endsWith('.h') || name.endsWith('.bpf.c');
}

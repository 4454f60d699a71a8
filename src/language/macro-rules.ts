/** The rules that a macro's definition must keep, whether it is called or not. */

import type { DiagnosticList } from '../diagnostics/diagnostic.ts';
import type { AnyNode, Macro } from './ast.ts';
import { walk } from './walk.ts';

/** signatureOf names the kinds of the parameters, which tell overloads apart. */
export function signatureOf(macro: Macro): string {
  return macro.parameters.map((parameter) => sigilOf(parameter.name)).join(',');
}

/** sigilOf gives the kind of a parameter: a scratch variable, a map, or an expression. */
export function sigilOf(name: string): '$' | '@' | 'e' {
  return name.startsWith('$') ? '$' : name.startsWith('@') ? '@' : 'e';
}

const FORBIDDEN: ReadonlyMap<AnyNode['kind'], string> = new Map([
  ['Return', 'return'],
  ['Break', 'break'],
  ['Continue', 'continue'],
]);

/**
 * checkMacros reports duplicate definitions and bodies that reach outside of themselves; it gives the macros that are
 * wrong, whose expansions would only repeat the finding.
 */
export function checkMacros(macros: readonly Macro[], diagnostics: DiagnosticList): ReadonlySet<Macro> {
  const wrong = new Set<Macro>();
  const seen = new Map<string, Macro>();
  for (const macro of macros) {
    const key = `${macro.name}(${signatureOf(macro)})`;
    const other = seen.get(key);
    if (other)
      diagnostics.error('macro-redefinition', `Redefinition of macro: ${macro.name}`, macro.nameSpan, {
        notes: [{ message: 'first defined here', span: other.nameSpan }],
      });
    else seen.set(key, macro);
    const before = diagnostics.items.length;
    checkMacro(macro, diagnostics);
    if (diagnostics.items.length > before) wrong.add(macro);
  }
  return wrong;
}

function checkMacro(macro: Macro, diagnostics: DiagnosticList): void {
  const parameters = new Set<string>();
  for (const parameter of macro.parameters) {
    if (parameters.has(parameter.name))
      diagnostics.error(
        'macro-parameter',
        `Macro ${macro.name} has two parameters named ${parameter.name}`,
        parameter.span,
      );
    parameters.add(parameter.name);
  }
  const declared = declaredVariables(macro);
  const reported = new Set<string>();
  walk(macro.body, (node) => {
    const forbidden = FORBIDDEN.get(node.kind);
    if (forbidden !== undefined)
      diagnostics.error('macro-control-flow', `'${forbidden}' is not allowed in a macro`, node.span);
    if (node.kind !== 'Variable' && node.kind !== 'MapAccess') return true;
    if (parameters.has(node.name) || declared.has(node.name) || reported.has(node.name)) return true;
    reported.add(node.name);
    diagnostics.error(
      'macro-hygiene',
      `Unhygienic access to ${node.kind === 'Variable' ? 'scratch variable' : 'map'}: ${node.name}`,
      node.span,
      { hints: [`a macro sees only its parameters and its own variables; pass ${node.name} as an argument`] },
    );
    return true;
  });
}

/** A variable is the macro's own if the macro declares it or gives it its value. */
function declaredVariables(macro: Macro): ReadonlySet<string> {
  const names = new Set<string>();
  walk(macro.body, (node) => {
    if (node.kind === 'Let' || node.kind === 'For') names.add(node.variable.name);
    else if (node.kind === 'Assignment' && node.target.kind === 'Variable') names.add(node.target.name);
    return true;
  });
  return names;
}

/**
 * The typed program as text, for `-d types` and for tests: maps and probes, one statement a line, conversions
 * spelled out as `uint64(x)`, every leaf with its type.
 */

import { printExpression } from './print-expression.ts';
import type { Action, TypedBlock, TypedProbe, TypedProgram, TypedStatement } from './program.ts';
import { typeName } from './type-names.ts';

/** printTypes renders a typed program. */
export function printTypes(program: TypedProgram): string {
  const lines: string[] = [];
  for (const map of program.maps) {
    const key = map.keyType === undefined ? '' : `[${typeName(map.keyType)}]`;
    const storage = map.storage === 'auto' ? '' : ` ${map.storage}(${map.maxEntries})`;
    lines.push(`${map.name}${key}: ${typeName(map.valueType)}${storage}`);
  }
  for (const fn of program.functions) {
    const parameters = fn.parameters.map((parameter) => `${parameter.name}: ${typeName(parameter.type)}`);
    lines.push(`fn ${fn.name}(${parameters.join(', ')}): ${typeName(fn.returnType)}`, ...printBlock(fn.body, 1));
  }
  for (const probe of program.probes) lines.push(...printProbe(probe));
  return `${lines.join('\n')}\n`;
}

function printProbe(probe: TypedProbe): string[] {
  const [first] = probe.sites;
  const more = probe.sites.length > 1 ? ` and ${probe.sites.length - 1} more` : '';
  return [
    `${first?.name ?? ''}${more}`,
    ...(probe.predicate ? [`\t/${printExpression(probe.predicate)}/`] : []),
    ...printBlock(probe.body, 1),
  ];
}

function printBlock(block: TypedBlock, depth: number): string[] {
  return block.statements.flatMap((statement) => printStatement(statement, depth));
}

/** printStatement gives one or more lines. */
export function printStatement(statement: TypedStatement, depth: number): string[] {
  const indent = '\t'.repeat(depth);
  const nested = (head: string, body: TypedBlock) => [
    `${indent}${head} {`,
    ...printBlock(body, depth + 1),
    `${indent}}`,
  ];
  const key = (part?: Parameters<typeof printExpression>[0]) =>
    part === undefined ? '' : `[${printExpression(part)}]`;
  switch (statement.kind) {
    case 'block':
      return nested('', statement.body).map((line) => line.replace(/^(\t*) \{/, '$1{'));
    case 'declareVariable':
      return [`${indent}let ${statement.variable.name}: ${typeName(statement.variable.type)}`];
    case 'assignVariable':
      return [
        `${indent}${statement.variable.name}: ${typeName(statement.variable.type)} = ${printExpression(statement.value)}`,
      ];
    case 'assignMap':
      return [`${indent}${statement.map.name}${key(statement.key)} = ${printExpression(statement.value)}`];
    case 'aggregate': {
      const args = statement.args.map(printExpression).join(', ');
      return [
        `${indent}${statement.map.name}${key(statement.key)} = ${typeName(statement.map.valueType).replace(/^u?(\w+)_t$/, '$1')}(${args})`,
      ];
    }
    case 'expression':
      return [`${indent}${printExpression(statement.expression)}`];
    case 'act':
      return [`${indent}${printAction(statement.action)}(${statement.args.map(printExpression).join(', ')})`];
    case 'if': {
      const head = nested(`if ${printExpression(statement.condition)}`, statement.consequent);
      return statement.alternate === undefined
        ? head
        : [...head.slice(0, -1), ...nested('} else', statement.alternate)];
    }
    case 'while':
      return nested(`while ${printExpression(statement.condition)}`, statement.body);
    case 'unroll':
      return nested(`unroll ${statement.count}`, statement.body);
    case 'forMap':
      return nested(
        `for ${statement.variable.name}: ${typeName(statement.variable.type)} in ${statement.map.name}`,
        statement.body,
      );
    case 'forRange':
      return nested(
        `for ${statement.variable.name}: ${typeName(statement.variable.type)} in ${printExpression(statement.start)}..${printExpression(statement.end)}`,
        statement.body,
      );
    case 'return':
      return [`${indent}return${statement.value === undefined ? '' : ` ${printExpression(statement.value)}`}`];
    default:
      return [`${indent}${statement.kind}`];
  }
}

function printAction(action: Action): string {
  switch (action.kind) {
    case 'printMap':
      return `print ${action.map.name} top ${action.top} div ${action.div} `;
    case 'clear':
    case 'zero':
      return `${action.kind} ${action.map.name} `;
    case 'time':
      return `time ${JSON.stringify(action.format)} `;
    case 'join':
      return `join ${JSON.stringify(action.separator)} `;
    default:
      return 'format' in action ? `${action.kind} ${JSON.stringify(action.format.text)} ` : action.kind;
  }
}

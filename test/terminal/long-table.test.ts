import { expect, it } from 'vitest';
import { table } from '../../src/terminal/table.ts';

const cells = (row: number): readonly string[] => [
  `name-${row}`,
  row === 77 ? 'a much longer cell' : 'x'.repeat(row % 7),
  row === 3 ? '日本語' : `${row}`,
];
const rows = Array.from({ length: 200 }, (_, row) => cells(row));

it('a table of many rows has the columns of one of few', () => {
  const lines = table(rows, { head: ['NAME', 'MIDDLE', 'LAST'] }).split('\n');
  expect(lines).toHaveLength(201);
  expect(lines[0]).toBe('NAME       MIDDLE               LAST');
  for (const [row, [name = '', middle = '', last = '']] of rows.entries()) {
    expect(lines[row + 1]).toBe(`${name.padEnd(11)}${middle.padEnd(21)}${last}`.trimEnd());
  }
});

it('a table of many rows is cut to its width like one of few', () => {
  const lines = table(rows, { width: 24 }).split('\n');
  expect(lines).toHaveLength(200);
  expect(lines[77]).toBe('name-77    a much …   77');
  expect(lines[150]).toBe(`name-150   ${'x'.repeat(150 % 7).padEnd(11)}150`);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from '../src/index.js';

test('the version is that of the package, and the change log has it', () => {
  const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  expect(JSON.parse(read('package.json'))).toMatchObject({ version });
  expect(read('CHANGELOG.md')).toContain(version);
});

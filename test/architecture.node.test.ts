// The floor plan of `src`, read off its imports.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../src');

/** Rows of the floor plan: a file imports only from its own folder, or from rows above. */
const ROWS: readonly (readonly string[])[] = [
  ['address.ts', 'errors.ts', 'names.ts', 'text-table.ts', 'version.ts', 'tensors', 'kernels'],
  ['steps'],
  ['rules'],
  ['graph'],
  ['layers', 'composites'],
  ['canonize'],
  ['plan'],
  ['propagate'],
  ['explanation', 'dataset', 'explain.ts', 'index.ts'],
];

/** Rows whose members make up one place; in all others folders do not know each other. */
const OPEN_ROWS = new Set([0, 8]);

/** `layer classes` are part of what a composite may match. */
const EXCEPTIONS = new Set(['composites -> layers/adapter.ts: type LayerClass']);

/** The outer ring, which uses the door only. */
const RING = ['methods', 'metrics', 'render', 'node'];

interface Import {
  /** Path of the imported file inside `src`, or the name of a package. */
  readonly target: string;
  readonly isPackage: boolean;
  /** `type LayerClass`, `tf`, ...; `*` for all. */
  readonly names: readonly string[];
}

interface Source {
  /** Path inside `src`, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly tree: ts.SourceFile;
}

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readSource(path.split(sep).join('/')));

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  visit(tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== null) imports.push(readImport(path, specifier, node));
  });
  return { path, text, imports, tree };
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

/** The module that an import, a re-export, an `import()` or an import type names; null for all other nodes. */
function specifierOf(node: ts.Node): string | null {
  const of = (expression: ts.Node | undefined) =>
    expression && ts.isStringLiteral(expression) ? expression.text : null;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return of(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return of(node.arguments[0]);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return of(node.argument.literal);
  return null;
}

function readImport(path: string, specifier: string, node: ts.Node): Import {
  const isPackage = !specifier.startsWith('.');
  const file = relative(ROOT, resolve(ROOT, dirname(path), specifier.replace(/\.js$/, '.ts')));
  return { target: isPackage ? specifier : file.split(sep).join('/'), isPackage, names: namesOf(node) };
}

function namesOf(node: ts.Node): string[] {
  const clause = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
  const named = clause ?? (ts.isExportDeclaration(node) ? node.exportClause : undefined);
  if (!named || !('elements' in named)) return ['*'];
  const whole = ts.isImportDeclaration(node) ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : false;
  return named.elements.map((element) => `${whole || element.isTypeOnly ? 'type ' : ''}${element.name.text}`);
}

/** Folder or file right below `src`. */
const placeOf = (path: string) => path.split('/')[0] ?? path;
const rowOf = (place: string) => ROWS.findIndex((row) => row.includes(place));

/** The library's own door; Node's part, which is no library for others, also uses those of the rest of the ring. */
function isDoor(from: string, target: string): boolean {
  return target === 'index.ts' || (from === 'node' && RING.some((place) => target === `${place}/index.ts`));
}

/** Why a file may not import from another; null when it may. */
function violation(from: string, { target, names }: Import): string | null {
  const [own, other] = [placeOf(from), placeOf(target)];
  if (own === other) return null;
  if (RING.includes(own)) return isDoor(own, target) ? null : `${from} -> ${target}: only the door`;
  const [ownRow, otherRow] = [rowOf(own), rowOf(other)];
  if (otherRow >= 0 && (otherRow < ownRow || (otherRow === ownRow && OPEN_ROWS.has(ownRow)))) return null;
  const wrong = names.filter((name) => !EXCEPTIONS.has(`${own} -> ${target}: ${name}`));
  return wrong.length === 0 ? null : `${from} -> ${target}: ${wrong.join(', ')}`;
}

/** Places in the sources that a test finds, as `path:line`. */
function find(accepts: (node: ts.Node, source: Source) => boolean): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    visit(source.tree, (node) => {
      if (!accepts(node, source)) return;
      const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${source.path}:${line + 1}: ${node.getText().slice(0, 60)}`);
    });
    return found;
  });
}

test('the sources are found, and their imports', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(300);
  expect(sources.find(({ path }) => path === 'explain.ts')?.imports.map(({ target }) => target)).toContain(
    'explanation/plan.ts',
  );
});

test('every file has a row', () => {
  const unknown = sources.map(({ path }) => placeOf(path)).filter((place) => rowOf(place) < 0 && !RING.includes(place));
  expect([...new Set(unknown)]).toEqual([]);
});

test('every imported file exists', () => {
  const paths = new Set(sources.map(({ path }) => path));
  const missing = sources.flatMap(({ path, imports }) =>
    imports.filter((one) => !one.isPackage && !paths.has(one.target)).map((one) => `${path} -> ${one.target}`),
  );
  expect(missing).toEqual([]);
});

test('imports go upwards only', () => {
  const violations = sources.flatMap(({ path, imports }) =>
    imports.filter((one) => !one.isPackage).flatMap((one) => violation(path, one) ?? []),
  );
  expect(violations).toEqual([]);
});

describe('the check of directions itself', () => {
  const named = (target: string, ...names: string[]): Import => ({ target, isPackage: false, names });
  test.each([
    ['plan/assign.ts', named('rules/rule.ts', 'type Rule')],
    ['tensors/derived.ts', named('errors.ts', 'DisposedError')],
    ['composites/composite.ts', named('layers/adapter.ts', 'type LayerClass')],
    ['explain.ts', named('explanation/plan.ts', 'Plan')],
    ['methods/gradient.ts', named('index.ts', 'explain')],
    ['node/cli.ts', named('render/index.ts', 'heatmap')],
  ] as const)('%s may import %j', (from, one) => expect(violation(from, one)).toBeNull());
  test.each([
    ['rules/rule.ts', named('plan/assign.ts', 'type Assigned')],
    ['kernels/conv-op.ts', named('steps/linear.ts', 'convStep')],
    ['composites/composite.ts', named('layers/adapter.ts', 'type LayerClass', 'type StepBuilder')],
    ['composites/composite.ts', named('layers/adapter.ts', 'LayerClass')],
    ['layers/dense.ts', named('composites/families.ts', 'CONVOLUTIONS')],
    ['plan/assign.ts', named('index.ts', '*')],
    ['plan/assign.ts', named('elsewhere/file.ts', 'x')],
    ['methods/gradient.ts', named('plan/assign.ts', 'assign')],
    ['methods/gradient.ts', named('render/index.ts', 'heatmap')],
    ['node/cli.ts', named('render/image.ts', 'heatmap')],
  ] as const)('%s may not import %j', (from, one) => expect(violation(from, one)).not.toBeNull());
});

test('no circles of files that need each other to run lead from folder to folder', () => {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports
        .filter((one) => !one.isPackage && one.names.some((name) => !name.startsWith('type ')))
        .map((one) => one.target),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      const circle = [...trail.slice(trail.indexOf(path)), path];
      // Inside a folder functions may call each other: a scan runs steps, and a scan is a step.
      if (new Set(circle.map(placeOf)).size > 1) circles.push(circle.join(' -> '));
    }
    if (trail.includes(path) || done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  expect(circles).toEqual([]);
});

describe('packages', () => {
  test('only the two peers, and only by their front doors', () => {
    const core = sources.filter(({ path }) => !RING.includes(placeOf(path)));
    const packages = core.flatMap(({ imports }) => imports.filter((one) => one.isPackage).map((one) => one.target));
    expect([...new Set(packages)].sort()).toEqual(['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']);
  });

  test('tfjs-layers for its types alone: whoever brings the model has loaded it', () => {
    const loaded = sources.flatMap(({ path, imports }) =>
      imports
        // Node's part loads models itself.
        .filter(() => placeOf(path) !== 'node')
        .filter(
          (one) => one.target === '@tensorflow/tfjs-layers' && one.names.some((name) => !name.startsWith('type ')),
        )
        .map((one) => `${path}: ${one.names.join(', ')}`),
    );
    expect(loaded).toEqual([]);
  });
});

describe('what does not occur', () => {
  const isProperty = (node: ts.Node, ...names: string[]) =>
    ts.isPropertyAccessExpression(node) && names.includes(node.name.text);

  test('reading numbers while the page waits, but for wasm and cpu, where that is a copy', () => {
    const found = find((node) => isProperty(node, 'dataSync', 'arraySync', 'bytesSync', 'print'));
    expect(found.filter((place) => !place.startsWith('propagate/join.ts:'))).toEqual([]);
  });

  test('the tape of tfjs, but for layers nobody described, where the user asks for the approximation', () => {
    const names = ['grad', 'grads', 'valueAndGrad', 'valueAndGrads', 'variableGrads', 'customGrad', 'registerGradient'];
    const found = find((node) => isProperty(node, ...names));
    expect(found.filter((place) => !place.startsWith('steps/opaque.ts:'))).toEqual([]);
  });

  test('operations that are wrong, or missing, on some backend', () => {
    const names = [
      'maxPoolWithArgmax', // wasm: wrong index for windows without a positive value
      'maxPool3d', // its gradient, and padding `same`, are wrong on wasm; windows are pooled axis by axis instead
      'einsum', // missing on wasm
      'unsortedSegmentSum', // missing on wasm
      'conv2dTranspose', // wasm: a naive loop, a dozen times slower than a convolution with the kernel turned round
      'conv3dTranspose', // wrong on wasm
      'divNoNan', // wasm: twenty times slower than a quotient with a stabilized denominator
    ];
    expect(find((node) => isProperty(node, ...names))).toEqual([]);
    // With a transposed operand, wasm adds the bias of a fused product once per block.
    const fusedProduct = (node: ts.Node) => isProperty(node, 'matMul') && node.getText().endsWith('fused.matMul');
    expect(find(fusedProduct)).toEqual([]);
  });

  test('instanceof on classes of tfjs-layers, which fails where two copies are installed', () => {
    const isInstance = (node: ts.Node) =>
      ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
    const classes = /\b(LayersModel|Sequential|Layer|RNN|SymbolicTensor|LayerVariable)$/;
    expect(find((node) => isInstance(node) && classes.test((node as ts.BinaryExpression).right.getText()))).toEqual([]);
  });

  test('chained operations, which exist only where somebody registered them', () => {
    const chained = [
      'add',
      'sub',
      'mul',
      'div',
      'relu',
      'reshape',
      'sum',
      'neg',
      'sqrt',
      'square',
      'transpose',
      'matMul',
    ];
    const onTensor = (node: ts.Node) =>
      ts.isCallExpression(node) &&
      isProperty(node.expression, ...chained) &&
      ts.isPropertyAccessExpression(node.expression) &&
      ts.isIdentifier(node.expression.expression) &&
      /^(x|y|z|w|b|s|c|r|rOut|rIn|tensor|value|kernel|bias|total|sum)$/.test(node.expression.expression.text);
    expect(find(onTensor)).toEqual([]);
  });

  test('any', () => {
    expect(find((node) => node.kind === ts.SyntaxKind.AnyKeyword)).toEqual([]);
  });

  test('switching off the compiler or the linter', () => {
    const off = /@ts-(ignore|nocheck|expect-error)|biome-ignore (?!format)|eslint-disable/;
    expect(sources.filter(({ text }) => off.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('changing global settings of tfjs', () => {
    const names = [
      'setBackend',
      'enableProdMode',
      'enableDebugMode',
      'registerKernel',
      'registerBackend',
      'removeBackend',
    ];
    // A process of our own, such as the command line, has settings of its own.
    const found = find((node, { path }) => placeOf(path) !== 'node' && isProperty(node, ...names));
    expect(found).toEqual([]);
  });

  test('variables that last between calls', () => {
    const mutable = find(
      (node, { tree }) =>
        ts.isVariableStatement(node) && node.parent === tree && !(node.declarationList.flags & ts.NodeFlags.Const),
    );
    expect(mutable).toEqual([]);
  });
});

test('a file of more than 300 lines says why in its first comment', () => {
  const reasonless = sources.filter(({ text }) => text.split('\n').length > 300 && !/^\/(\/|\*)/.test(text));
  expect(reasonless.map(({ path }) => path)).toEqual([]);
});

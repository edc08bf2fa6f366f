import type { Tensor } from '@tensorflow/tfjs-core';
import { type Explanation, type Ledger, type LedgerRow, MatchError, type PlanCall } from '../../index.js';
import { absorbedBy, ownRows } from '../absorbed.js';
import type { Feature } from '../charts/features.js';

/** A layer call, or several in a row that hand relevance on unchanged. */
export interface FlowNode {
  readonly id: string;
  /** Addresses of the calls, the one nearest to the inputs first. */
  readonly addresses: readonly string[];
  /** Their classes. */
  readonly layerTypes: readonly string[];
  /** Relevance at the output of the last one. */
  readonly received: number;
  /** What did not reach its inputs. */
  readonly absorbed: readonly Feature[];
  /** Whether its rules only hand on or select, as those of activations, pooling and reshaping do. */
  readonly handsOn: boolean;
  /** Whether it is an input of the model. */
  readonly isInput: boolean;
}

/** Relevance that goes from one node to one that feeds it, against the direction of the model. */
export interface FlowEdge {
  /** Id of the node nearer to the score. */
  readonly from: string;
  /** Id of the node nearer to the inputs. */
  readonly to: string;
  readonly relevance: number;
}

/** How relevance flows through a model. */
export interface FlowGraph {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  /** Relevance that is started with, by the id of the node where it enters. */
  readonly starts: ReadonlyMap<string, number>;
}

/** What a flow is read from. */
export type FlowSource = Pick<Explanation, 'layers' | 'plan' | 'ledger' | 'conservation' | 'target'>;

/**
 * Reads the relevance of every layer call and of every way between them, summed over a sample, or over the batch.
 *
 * @throws MatchError when the relevance of the layers was not kept.
 */
export async function readFlow(explanation: FlowSource, ledger: Ledger | null, sample?: number): Promise<FlowGraph> {
  const { calls } = explanation.plan;
  const missing = calls.find(({ address }) => !Object.hasOwn(explanation.layers, address));
  if (calls.length === 0 || missing) {
    throw new MatchError(
      `The flow needs the relevance of every layer call; ${missing ? `that of "${missing.address}" was not kept` : 'there are none'}. ` +
        "Explain with {keep: 'layers'}, the default.",
    );
  }
  const sum = summing(sample);
  const rows = rowsByCall(ledger?.rows ?? []);
  const edges = (await Promise.all(calls.map((call) => edgesOf(call, explanation, sum)))).flat();
  const nodes = await Promise.all(calls.map((call) => nodeOf(call, explanation, rows, sum, sample)));
  return { nodes, edges, starts: startsOf(nodes, edges) };
}

/** Rules that give every output's relevance to inputs as it is. */
const HANDING_ON = /^(-|pass|move|winner-take-all)/;

/** The address of a call, from that of a step inside it. */
function callOf(address: string): string {
  return address.replace(/:[^/]*$/, '');
}

type Sum = (tensor: Tensor) => Promise<number>;

/** Adds up in double precision; a tensor that stands in two places is read once. */
function summing(sample: number | undefined): Sum {
  const known = new Map<Tensor, Promise<number>>();
  const read = async (tensor: Tensor) => {
    const data = await tensor.data();
    const size = tensor.size / (tensor.shape[0] ?? 1);
    const [first, end] = sample === undefined ? [0, data.length] : [sample * size, (sample + 1) * size];
    let total = 0;
    for (let index = first; index < end; index++) total += Number(data[index] ?? 0);
    return total;
  };
  return (tensor) => {
    const found = known.get(tensor) ?? read(tensor);
    known.set(tensor, found);
    return found;
  };
}

async function edgesOf({ address, inputs }: PlanCall, { layers }: FlowSource, sum: Sum): Promise<FlowEdge[]> {
  const given = layers[address]?.inputs ?? [];
  const edges = inputs.map(async ({ from }, index): Promise<FlowEdge[]> => {
    const relevance = given[index];
    return from === null || !relevance ? [] : [{ from: address, to: from, relevance: await sum(relevance) }];
  });
  return (await Promise.all(edges)).flat();
}

async function nodeOf(
  call: PlanCall,
  { layers, plan }: FlowSource,
  rows: ReadonlyMap<string, readonly LedgerRow[]>,
  sum: Sum,
  sample: number | undefined,
): Promise<FlowNode> {
  const { address, layerType, inputs } = call;
  const outputs = await Promise.all((layers[address]?.outputs ?? []).map(sum));
  return {
    id: address,
    addresses: [address],
    layerTypes: [layerType],
    received: outputs.reduce((total, output) => total + output, 0),
    absorbed: absorbedBy(rows.get(address) ?? [], sample),
    handsOn: plan.rows.filter((row) => callOf(row.address) === address).every(({ rule }) => HANDING_ON.test(rule)),
    isInput: inputs.every(({ from }) => from === null),
  };
}

/** Rows of the ledger by the call their step belongs to. */
function rowsByCall(rows: readonly LedgerRow[]): ReadonlyMap<string, readonly LedgerRow[]> {
  const found = new Map<string, LedgerRow[]>();
  for (const row of ownRows(rows)) {
    const call = callOf(row.address);
    found.set(call, [...(found.get(call) ?? []), row]);
  }
  return found;
}

/** What a node received beyond what its readers passed on to it came from the start. */
function startsOf(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): ReadonlyMap<string, number> {
  const largest = nodes.reduce((most, node) => Math.max(most, Math.abs(node.received)), 0);
  const entries = nodes.map(({ id, received }): [string, number] => {
    const handed = edges.filter((edge) => edge.to === id).reduce((sum, edge) => sum + edge.relevance, 0);
    return [id, received - handed];
  });
  return new Map(entries.filter(([, start]) => Math.abs(start) > 1e-4 * largest));
}

/**
 * What belongs to Node: worker pools, models and inputs from disk.
 *
 * @packageDocumentation
 */
export {};

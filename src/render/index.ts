/**
 * Pictures of relevance, in browsers and in Node, without a DOM.
 *
 * @packageDocumentation
 */
export {};

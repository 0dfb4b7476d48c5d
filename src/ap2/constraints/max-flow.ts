/**
 * A flow network with Dinic's maximum flow algorithm: at most V phases of O(V·E) steps each, without recursion. Capacities are
 * integers, or `Infinity`.
 */
export class FlowNetwork {
  // Edge e leads to #to[e] and has #capacity[e] left; e ^ 1 is its reverse edge.
  readonly #to: number[] = [];
  readonly #capacity: number[] = [];
  readonly #edges: number[][];

  constructor(nodes: number) {
    this.#edges = Array.from({ length: nodes }, () => []);
  }

  /** Adds an edge, and returns its number for {@link flow}. */
  addEdge(from: number, to: number, capacity: number): number {
    const edge = this.#to.length;
    this.#to.push(to, from);
    this.#capacity.push(capacity, 0);
    this.#edges[from]?.push(edge);
    this.#edges[to]?.push(edge + 1);
    return edge;
  }

  /** The flow through an edge. */
  flow(edge: number): number {
    return this.#left(edge ^ 1);
  }

  /** Maximizes the flow from `source` to `sink`. */
  maximize(source: number, sink: number): void {
    for (;;) {
      const levels = this.#levels(source);
      if (levels[sink] === -1) return;
      this.#block(source, sink, levels);
    }
  }

  /** The distance of every node from the source along edges with remaining capacity; -1 if unreachable. */
  #levels(source: number): number[] {
    const levels = new Array<number>(this.#edges.length).fill(-1);
    levels[source] = 0;
    const queue = [source];
    for (const node of queue) {
      for (const edge of this.#edges[node] ?? []) {
        const to = this.#end(edge);
        if (levels[to] !== -1 || this.#left(edge) === 0) continue;
        levels[to] = (levels[node] ?? 0) + 1;
        queue.push(to);
      }
    }
    return levels;
  }

  /** Saturates every shortest path to the sink. Along such a path, the level increases by one at each edge. */
  #block(source: number, sink: number, levels: readonly number[]): void {
    // For each node, the first edge that may still lead to the sink.
    const next = new Array<number>(this.#edges.length).fill(0);
    const way: number[] = [];
    for (let node = source; ; ) {
      if (node === sink) {
        this.#push(way);
        const full = way.findIndex((edge) => this.#left(edge) === 0);
        node = this.#end((way[full] as number) ^ 1);
        way.length = full;
        continue;
      }
      const edge = this.#edges[node]?.[next[node] ?? 0];
      if (edge === undefined) {
        const back = way.pop();
        if (back === undefined) return;
        node = this.#end(back ^ 1);
        next[node] = (next[node] ?? 0) + 1;
      } else if (this.#left(edge) > 0 && levels[this.#end(edge)] === (levels[node] ?? 0) + 1) {
        way.push(edge);
        node = this.#end(edge);
      } else {
        next[node] = (next[node] ?? 0) + 1;
      }
    }
  }

  #push(way: readonly number[]): void {
    const amount = way.reduce((least, edge) => Math.min(least, this.#left(edge)), Number.POSITIVE_INFINITY);
    for (const edge of way) {
      this.#capacity[edge] = this.#left(edge) - amount;
      this.#capacity[edge ^ 1] = this.#left(edge ^ 1) + amount;
    }
  }

  #left(edge: number): number {
    return this.#capacity[edge] as number;
  }

  #end(edge: number): number {
    return this.#to[edge] as number;
  }
}

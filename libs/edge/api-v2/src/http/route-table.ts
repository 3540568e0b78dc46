import type { FastifyInstance } from 'fastify';

/** Which methods a path knows: for 405 where the framework says 404. */
export class RouteTable {
  readonly #routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  /** Notes every route that is registered from now on. */
  watch(instance: FastifyInstance): void {
    instance.addHook('onRoute', ({ url, method }) => {
      if (url.includes('*')) return;
      const pattern = new RegExp(`^${url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}/?$`);
      this.#routes.push({ pattern, methods: [method].flat() });
    });
  }

  methodsOf(url: string): string[] {
    const path = url.split('?')[0]!;
    return [...new Set(this.#routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))];
  }
}

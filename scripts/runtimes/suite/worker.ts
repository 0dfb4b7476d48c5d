// For workerd: answers with its findings. The automatic run comes first, before any back end is forced.
import { describe } from './harness.js';

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const { run } = request.url.endsWith('/suite')
        ? await import('./suite.js')
        : await import('./automatic.js');
      return Response.json(await run());
    } catch (error) {
      return new Response(`${describe(error)}\n${(error as Error).stack}`, { status: 500 });
    }
  },
};

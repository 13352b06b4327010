// htmx makes DOM out of our own server's HTML only. Trusted Types hold it to that: this one policy
// may, nothing else on the page may, and a script inside a fragment is emptied before it could run.
(() => {
  if (!window.htmx || !window.trustedTypes) return;
  const policy = trustedTypes.createPolicy("htmx", { createHTML: (text) => text, createScript: () => "" });
  htmx.registerExtension("trusted", { init: (api) => api.initSecurity(policy) });
})();

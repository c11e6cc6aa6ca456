/** The service worker: the app opens without a network, and a new version waits until somebody takes it. */

import { t } from "../i18n/strings.ts";
import { toasts } from "./toasts.svelte.ts";

/** Registers the service worker where there can be one. */
export function keepOffline(): void {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined || !import.meta.env.PROD) return;
  let isTaken = false;
  let isControlled = container.controller !== null;
  let offered = 0;
  const take = (worker: ServiceWorker): void => {
    isTaken = true;
    // Writes out what is being typed before the page goes.
    dispatchEvent(new Event("pagehide"));
    // Taken in another tab, it is in charge of this one already.
    if (worker === container.controller) location.reload();
    else worker.postMessage("take over");
  };
  const offer = (worker: ServiceWorker | null): void => {
    if (worker === null || container.controller === null) return;
    toasts.dismiss(offered);
    offered = toasts.show(t.toast.newVersion, { label: t.toast.reload, run: () => { take(worker); } }, true);
  };
  container.addEventListener("controllerchange", () => {
    // Only the person's own click reloads; every edit is on this device by then, see `take`.
    if (isTaken) location.reload();
    // Somebody took it in another tab: this page's own files are gone from here, so it is asked again.
    else if (isControlled) offer(container.controller);
    isControlled = true;
  });
  const watch = (registration: ServiceWorkerRegistration): void => {
    offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const fresh = registration.installing;
      fresh?.addEventListener("statechange", () => { if (fresh.state === "installed") offer(fresh); });
    });
  };
  container.register("/sw.js").then(watch, () => {
    // Forbidden here (a private window, a policy): the app works, only not without a network.
  });
}

// Addresses: /console/<path>. Links are plain anchors; a click on one of ours stays in the page.
import { Store, useStore } from "./store";

export const base = "/console";
const here = (): string => location.pathname.slice(base.length).replace(/\/+$/, "") || "/";

export const path = new Store<string>(here());

export function href(to: string): string {
    return base + (to === "/" ? "/" : to);
}

export function navigate(to: string): void {
    history.pushState(null, "", href(to));
    path.set(here());
    window.scrollTo(0, 0);
}

// Another address for the page that is there.
export function replace(to: string): void {
    history.replaceState(null, "", href(to));
    path.set(here());
}

export function usePath(): string {
    return useStore(path);
}

// "/users/:id" against "/users/u-1": its parameters, decoded; undefined where it does not fit.
export function match(pattern: string, actual: string): Record<string, string> | undefined {
    const wanted = pattern.split("/");
    const given = actual.split("/");
    if (wanted.length !== given.length) return undefined;
    const parameters: Record<string, string> = {};
    for (const [index, part] of wanted.entries()) {
        const value = given[index]!;
        if (!part.startsWith(":")) {
            if (part !== value) return undefined;
            continue;
        }
        try {
            parameters[part.slice(1)] = decodeURIComponent(value);
        } catch {
            return undefined;
        }
    }
    return parameters;
}

function destinationUrl(destination: string): URL | undefined {
    try {
        return new URL(destination);
    } catch {
        return undefined;
    }
}
const isAwsConsole = (url: URL): boolean => /^https:$/.test(url.protocol) && /(^|\.)console\.aws\.amazon\.com$/.test(url.hostname);

// A page of AWS's console by its service, and what stands behind that in the path or, as AWS's older addresses have it,
// in the fragment: /eks/clusters/NAME, /iam/home#/roles/details/NAME.
const pagesOf: Record<string, { start: string; within?: [pattern: RegExp, page: string][] }> = {
    eks: { start: "/eks/clusters", within: [[/^clusters\/([\w-]+)$/, "/eks/clusters/$1"]] },
    iam: {
        start: "/iam/users",
        within: [
            [/^(users|roles)\/(?:details\/)?([\w+=,.@-]+)$/, "/iam/$1/$2"],
            [/^(users|roles|policies)$/, "/iam/$1"],
        ],
    },
    organizations: {
        start: "/organization",
        within: [
            [/^v2\/home\/accounts\/(\d{12})$/, "/organization/accounts/$1"],
            [/^v2\/home\/policies/, "/organization/policies"],
        ],
    },
    singlesignon: {
        start: "/identity-center",
        within: [
            [/^(users|groups|applications|settings)(?:\/|$)/, "/identity-center/$1"],
            [/^(?:organization\/)?permission-sets/, "/identity-center/permission-sets"],
            [/^organization\/accounts/, "/identity-center/accounts"],
        ],
    },
    cloudtrail: { start: "/activity" },
};
pagesOf["iamv2"] = pagesOf["iam"]!;
pagesOf["cloudtrailv2"] = pagesOf["cloudtrail"]!;

// Relay states name pages of AWS's console; ours are found by the service's name. Anything else leads to the start.
export function pageOfDestination(destination: string): string {
    const url = destinationUrl(destination);
    if (!url) return "/";
    if (url.origin === location.origin && url.pathname.startsWith(`${base}/`)) return url.pathname.slice(base.length);
    if (!isAwsConsole(url)) return "/";
    const [service = "", ...rest] = url.pathname.split("/").filter(Boolean);
    const pages = pagesOf[service];
    if (!pages) return "/";
    const places = [rest.join("/"), url.hash.replace(/^#!?\/?/, "").replace(/[?;].*$/, "").replace(/\/$/, "")];
    for (const place of places) {
        for (const [pattern, page] of pages.within ?? []) {
            const found = pattern.exec(place);
            if (found) return page.replace(/\$(\d)/g, (_, index: string) => encodeURIComponent(found[Number(index)] ?? ""));
        }
    }
    return pages.start;
}

// The region of such an address: in its query, or before its host's name.
export function regionOfDestination(destination: string): string | undefined {
    const url = destinationUrl(destination);
    if (!url || !isAwsConsole(url)) return undefined;
    const named = url.searchParams.get("region") ?? url.hostname.split(".")[0]!;
    return /^[a-z]{2}(-[a-z]+)+-\d$/.test(named) ? named : undefined;
}

function follow(event: MouseEvent, onFollow: () => void): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element | null)?.closest?.("a");
    if (!anchor || anchor.target || anchor.origin !== location.origin || anchor.hasAttribute("download")) return;
    if (anchor.hash && anchor.pathname === location.pathname) return; // a place on this page
    if (anchor.pathname !== base && !anchor.pathname.startsWith(`${base}/`)) return;
    event.preventDefault();
    onFollow();
    navigate(anchor.pathname.slice(base.length) || "/");
}

// `onFollow`: before a person's own step to another page.
export function startRouter(onFollow: () => void): void {
    document.addEventListener("click", (event) => follow(event, onFollow));
    window.addEventListener("popstate", () => path.set(here()));
}

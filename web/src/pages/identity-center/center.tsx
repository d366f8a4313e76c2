// The instance that every page of Identity Center works on.
import Button from "@cloudscape-design/components/button";
import { useMemo, type ReactNode } from "react";
import { IdentityApi, sekisho, type Center } from "../../api/identity";
import { call } from "../../aws/client";
import { useLoad, type Loaded } from "../../parts/load";
import { Awaiting, Page } from "../../parts/page";
import { EmptyState } from "../../parts/table";
import { href } from "../../router";
import { session, type Who } from "../../session";
import { settings } from "../../settings";
import { useTexts } from "../../texts";

// The list is asked first: to have none is no error there.
async function readCenter(): Promise<Center | null> {
    const region = session.homeRegion ?? settings.get().region;
    const { Instances } = await call<{ Instances: unknown[] }>("sso-admin", "ListInstances", {}, region);
    return Instances.length > 0 ? sekisho<Center>("DescribeIdentityCenter") : null;
}

// Every page wants it, and it hardly changes: kept for a role's time, until a page reloads it.
let held: { who: Who; center: Center } | undefined;

// Null: not enabled.
export function useCenter(): Loaded<Center | null> {
    const loaded = useLoad(async () => {
        const who = session.who.get();
        if (held?.who === who) return held.center;
        const center = await readCenter();
        held = center ? { who, center } : undefined;
        return center;
    });
    return {
        ...loaded,
        reload: () => {
            held = undefined;
            return loaded.reload();
        },
    };
}

export function WithCenter({ title, children }: { title: string; children: (api: IdentityApi, reload: () => void) => ReactNode }): ReactNode {
    const t = useTexts().identity;
    const center = useCenter();
    const api = useMemo(() => (center.data ? new IdentityApi(center.data) : undefined), [center.data]);
    if (api) return children(api, () => void center.reload());
    return (
        <Page title={title}>
            <Awaiting loaded={center}>
                {() => <EmptyState title={t.notEnabledTitle} text={t.enableText} action={<Button href={href("/identity-center")}>{t.goToDashboard}</Button>} />}
            </Awaiting>
        </Page>
    );
}

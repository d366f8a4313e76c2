// The frame around every page, or the page that asks who one is.
import I18nProvider, { type I18nProviderProps } from "@cloudscape-design/components/i18n";
import AppLayout from "@cloudscape-design/components/app-layout";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Flashbar from "@cloudscape-design/components/flashbar";
import Box from "@cloudscape-design/components/box";
import { Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { Guard } from "../parts/errors";
import { dismiss, messages } from "../parts/flash";
import { Loading, Page, pageTitle } from "../parts/page";
import { href, match, usePath } from "../router";
import { session } from "../session";
import { settings, type Language } from "../settings";
import { useStore } from "../store";
import { useTexts } from "../texts";
import { Home } from "./home";
import { routes, type Parameters, type Route } from "./routes";
import { Side } from "./side";
import { Top } from "./top";
import { ChooseRole, Welcome } from "./welcome";

type Messages = I18nProviderProps.Messages;

// Cloudscape's own texts.
export const loadMessages: Record<Language, () => Promise<{ default: Messages }>> = {
    en: () => import("@cloudscape-design/components/i18n/messages/all.en"),
    ja: () => import("@cloudscape-design/components/i18n/messages/all.ja"),
};

function findRoute(path: string): { route: Route; parameters: Parameters } | undefined {
    for (const route of routes) {
        const parameters = match(route.path, path);
        if (parameters) return { route, parameters };
    }
    return undefined;
}

function NotFound(): ReactNode {
    const t = useTexts().common;
    return (
        <Page title={t.notFoundTitle}>
            <Box>{t.notFoundHint}</Box>
        </Page>
    );
}

// A screen reader, and the keyboard, go on from the new page's beginning.
function useFocusOnNewPage(path: string): void {
    const before = useRef(path);
    useEffect(() => {
        if (before.current === path) return;
        before.current = path;
        document.getElementById("content")?.focus({ preventScroll: true });
    }, [path]);
}

function Content({ path }: { path: string }): ReactNode {
    useFocusOnNewPage(path);
    const found = findRoute(path);
    if (path === "/") return <Home />;
    if (!found) return <NotFound />;
    const Shown = found.route.page;
    return (
        <Suspense fallback={<Loading />}>
            <Shown key={path} {...found.parameters} />
        </Suspense>
    );
}

function Frame(): ReactNode {
    const texts = useTexts();
    const t = texts.common;
    const path = usePath();
    const shown = useStore(messages);
    const [open, setOpen] = useState(matchMedia("(min-width: 688px)").matches);
    const found = findRoute(path);
    const title = useStore(pageTitle);
    const crumbs = found?.route.crumbs(texts, found.parameters) ?? [];
    return (
        <AppLayout
            headerSelector="#top"
            toolsHide
            navigation={<Side section={found?.route.section ?? "/"} />}
            navigationOpen={open}
            onNavigationChange={({ detail }) => setOpen(detail.open)}
            ariaLabels={{
                navigation: t.navigation,
                navigationToggle: t.openNavigation,
                navigationClose: t.closeNavigation,
                notifications: t.notifications,
            }}
            breadcrumbs={
                path !== "/" && (
                    <BreadcrumbGroup
                        ariaLabel={t.breadcrumbs}
                        items={[
                            { text: t.console, href: href("/") },
                            ...crumbs.map(([text, to]) => (to ? { text, href: href(to) } : { text: title || text, href: href(path) })),
                        ]}
                    />
                )
            }
            notifications={
                <Flashbar
                    items={shown.map((message) => ({
                        id: message.id,
                        type: message.type,
                        header: message.header,
                        content: message.text,
                        dismissible: true,
                        dismissLabel: t.dismiss,
                        statusIconAriaLabel: message.type === "error" ? t.error : message.type === "success" ? t.success : t.info,
                        onDismiss: () => dismiss(message.id),
                    }))}
                />
            }
            content={
                <div id="content" tabIndex={-1}>
                    <Guard title={t.brokenTitle} place={path}>
                        <Content path={path} />
                    </Guard>
                </div>
            }
        />
    );
}

function Inside(): ReactNode {
    const who = useStore(session.who);
    if (who.kind === "unknown") return null;
    if (who.kind === "nobody") return <Welcome />;
    if (who.kind === "person") return <ChooseRole person={who.person} />;
    return <Frame />;
}

export function App(): ReactNode {
    const { language } = useStore(settings);
    const t = useTexts().common;
    const [loaded, setLoaded] = useState<{ language: Language; texts: Messages }>();
    useEffect(() => {
        let current = true;
        void loadMessages[language]().then(({ default: texts }) => current && setLoaded({ language, texts }));
        return () => {
            current = false;
        };
    }, [language]);
    if (!loaded) return null;
    return (
        <I18nProvider locale={loaded.language} messages={[loaded.texts]}>
            <a className="skip" href="#content">
                {t.skip}
            </a>
            <div id="top">
                <Top />
            </div>
            <Inside />
        </I18nProvider>
    );
}

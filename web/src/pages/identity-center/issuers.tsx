import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { listIssuers, type Issuer } from "../../api/applications";
import type { IdentityApi } from "../../api/identity";
import { ConfirmDialog, FormDialog } from "../../parts/dialog";
import { notify } from "../../parts/flash";
import { useLoad } from "../../parts/load";
import { Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { fill, useTexts, type Texts } from "../../texts";
import { WithCenter } from "./center";

const attributes = (t: Texts["applications"]): { value: string; label: string }[] => [
    { value: "emails.value", label: t.attributeEmail },
    { value: "userName", label: t.attributeUserName },
    { value: "externalIds.value", label: t.attributeExternal },
];

const configurationOf = (issuer: Issuer | undefined) => issuer?.TrustedTokenIssuerConfiguration?.OidcJwtConfiguration;

// The address of an issuer cannot be changed: another address is another issuer.
function IssuerDialog({ api, issuer, onClose, onDone }: { api: IdentityApi; issuer?: Issuer; onClose: () => void; onDone: () => void }): ReactNode {
    const { applications: t, common } = useTexts();
    const before = configurationOf(issuer);
    const [name, setName] = useState(issuer?.Name ?? "");
    const [url, setUrl] = useState(before?.IssuerUrl ?? "");
    const [claim, setClaim] = useState(before?.ClaimAttributePath ?? "email");
    const [attribute, setAttribute] = useState(before?.IdentityStoreAttributePath ?? "emails.value");
    const options = attributes(t);
    const save = async (): Promise<void> => {
        const paths = { ClaimAttributePath: claim, IdentityStoreAttributePath: attribute };
        if (issuer) {
            await api.regional("UpdateTrustedTokenIssuer", {
                TrustedTokenIssuerArn: issuer.TrustedTokenIssuerArn,
                Name: name,
                TrustedTokenIssuerConfiguration: { OidcJwtConfiguration: paths },
            });
        } else {
            await api.admin("CreateTrustedTokenIssuer", {
                Name: name,
                TrustedTokenIssuerType: "OIDC_JWT",
                TrustedTokenIssuerConfiguration: { OidcJwtConfiguration: { IssuerUrl: url, JwksRetrievalOption: "OPEN_ID_DISCOVERY", ...paths } },
            });
        }
        notify("success", fill(issuer ? t.issuerSaved : t.issuerCreated, name));
        onDone();
    };
    const isRight = /^[\w+=,.@-]+$/.test(name) && /^https:\/\/[^\s"?#]+$/.test(url) && claim !== "";
    return (
        <FormDialog title={issuer ? t.editIssuer : t.createIssuer} submit={issuer ? common.save : t.createIssuer} canSubmit={isRight} onSubmit={save} onClose={onClose}>
            <FormField label={t.issuerName} description={t.issuerNameHint}>
                <Input value={name} autoComplete={false} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
            </FormField>
            <FormField label={t.issuerUrl} description={t.issuerUrlHint}>
                <Input value={url} type="url" readOnly={issuer !== undefined} autoComplete={false} spellcheck={false} placeholder="https://login.example.com" onChange={({ detail }) => setUrl(detail.value)} />
            </FormField>
            <FormField label={t.claim} description={t.claimHint}>
                <Input value={claim} autoComplete={false} spellcheck={false} onChange={({ detail }) => setClaim(detail.value)} />
            </FormField>
            <FormField label={t.attribute} description={t.attributeHint}>
                <Select
                    selectedOption={options.find((option) => option.value === attribute) ?? { value: attribute, label: attribute }}
                    options={options}
                    onChange={({ detail }) => setAttribute(detail.selectedOption.value!)}
                />
            </FormField>
        </FormDialog>
    );
}

function IssuerList({ api }: { api: IdentityApi }): ReactNode {
    const { applications: t, common } = useTexts();
    const issuers = useLoad(() => listIssuers(api), [api]);
    const [selected, setSelected] = useState<Issuer[]>([]);
    const [open, setOpen] = useState<"create" | "edit" | "delete">();
    const issuer = selected[0];
    const done = (): void => {
        setSelected([]);
        void issuers.reload();
    };
    const attributeName = (path: string): string => attributes(t).find((option) => option.value === path)?.label ?? path;
    const close = (): void => setOpen(undefined);
    return (
        <>
            <ResourceTable
                title={t.issuers}
                loaded={issuers}
                keyOf={(item) => item.TrustedTokenIssuerArn}
                nameOf={(item) => item.Name}
                selection="single"
                selected={selected}
                onSelect={setSelected}
                columns={[
                    { id: "name", header: t.issuerName, isName: true, text: (item) => item.Name, cell: (item) => item.Name },
                    { id: "url", header: t.issuerUrl, text: (item) => configurationOf(item)?.IssuerUrl ?? "", cell: (item) => configurationOf(item)?.IssuerUrl ?? "–" },
                    { id: "claim", header: t.claim, cell: (item) => configurationOf(item)?.ClaimAttributePath ?? "–" },
                    { id: "attribute", header: t.attribute, cell: (item) => attributeName(configurationOf(item)?.IdentityStoreAttributePath ?? "–") },
                ]}
                empty={{ title: t.issuersEmpty, text: t.issuersEmptyText, action: <Button onClick={() => setOpen("create")}>{t.createIssuer}</Button> }}
                actions={
                    <SpaceBetween direction="horizontal" size="xs">
                        <Button disabled={!issuer} onClick={() => setOpen("delete")}>
                            {common.delete}
                        </Button>
                        <Button disabled={!issuer} onClick={() => setOpen("edit")}>
                            {common.edit}
                        </Button>
                        <Button variant="primary" onClick={() => setOpen("create")}>
                            {t.createIssuer}
                        </Button>
                    </SpaceBetween>
                }
            />
            {open === "create" && <IssuerDialog api={api} onClose={close} onDone={done} />}
            {issuer && open === "edit" && <IssuerDialog api={api} issuer={issuer} onClose={close} onDone={done} />}
            {issuer && open === "delete" && (
                <ConfirmDialog
                    title={t.deleteIssuer}
                    text={fill(t.deleteIssuerText, issuer.Name)}
                    word={issuer.Name}
                    submit={common.delete}
                    onClose={close}
                    onSubmit={async () => {
                        await api.regional("DeleteTrustedTokenIssuer", { TrustedTokenIssuerArn: issuer.TrustedTokenIssuerArn });
                        notify("success", fill(t.issuerDeleted, issuer.Name));
                        done();
                    }}
                />
            )}
        </>
    );
}

export function Issuers(): ReactNode {
    const { applications: t } = useTexts();
    return (
        <WithCenter title={t.issuers}>
            {(api) => (
                <Page title={t.issuers} description={t.issuersText}>
                    <IssuerList api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

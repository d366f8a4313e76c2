// How an application gets tokens: the fields of its grants, for a new one and for one that is there.
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import type { ReactNode } from "react";
import { isRedirectUri, listIssuers, words, type Grants } from "../../api/applications";
import type { IdentityApi } from "../../api/identity";
import { ErrorBox } from "../../parts/errors";
import { useLoad } from "../../parts/load";
import { fill, useTexts } from "../../texts";

type IssuerRow = Grants["issuers"][number];

export const noGrants: Grants = { code: true, redirectUris: "", refresh: true, exchange: false, bearer: false, issuers: [] };

function Issuers({ api, rows, onChange }: { api: IdentityApi; rows: IssuerRow[]; onChange: (rows: IssuerRow[]) => void }): ReactNode {
    const { applications: t, common } = useTexts();
    const issuers = useLoad(() => listIssuers(api), [api]);
    const options = (issuers.data ?? []).map((issuer) => ({ value: issuer.TrustedTokenIssuerArn, label: issuer.Name }));
    const change = (index: number, part: Partial<IssuerRow>): void => onChange(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
    return (
        <SpaceBetween size="s">
            <ErrorBox error={issuers.error} />
            <AttributeEditor<IssuerRow>
                items={rows}
                addButtonText={common.add}
                removeButtonText={common.remove}
                empty={<Box color="text-body-secondary">{t.issuersEmpty}</Box>}
                onAddButtonClick={() => onChange([...rows, { arn: "", audiences: "" }])}
                onRemoveButtonClick={({ detail }) => onChange(rows.filter((_, index) => index !== detail.itemIndex))}
                definition={[
                    {
                        label: t.issuer,
                        control: (row, index) => (
                            <Select
                                ariaLabel={t.issuer}
                                placeholder={t.issuer}
                                selectedOption={options.find((option) => option.value === row.arn) ?? null}
                                options={options}
                                statusType={issuers.loading ? "loading" : "finished"}
                                empty={t.issuersEmpty}
                                onChange={({ detail }) => change(index, { arn: detail.selectedOption.value! })}
                            />
                        ),
                    },
                    {
                        label: t.audiences,
                        constraintText: t.audiencesHint,
                        control: (row, index) => (
                            <Input ariaLabel={t.audiences} value={row.audiences} autoComplete={false} spellcheck={false} onChange={({ detail }) => change(index, { audiences: detail.value })} />
                        ),
                    },
                ]}
            />
        </SpaceBetween>
    );
}

export function GrantFields({ api, grants, tried = false, onChange }: {
    api: IdentityApi;
    grants: Grants;
    tried?: boolean;
    onChange: (grants: Grants) => void;
}): ReactNode {
    const { applications: t, common } = useTexts();
    const set = (part: Partial<Grants>): void => onChange({ ...grants, ...part });
    const uris = words(grants.redirectUris);
    const bad = uris.find((uri) => !isRedirectUri(uri));
    const uriError = bad ? fill(t.badUri, bad) : tried && uris.length === 0 ? common.required : "";
    return (
        <SpaceBetween size="l">
            <FormField label={t.grants} description={t.grantsText}>
                <SpaceBetween size="xs">
                    <Checkbox checked={grants.code} description={t.grantCodeText} onChange={({ detail }) => set({ code: detail.checked })}>
                        {t.grantCode}
                    </Checkbox>
                    <Checkbox checked={grants.refresh} description={t.grantRefreshText} onChange={({ detail }) => set({ refresh: detail.checked })}>
                        {t.grantRefresh}
                    </Checkbox>
                    <Checkbox checked={grants.bearer} description={t.grantBearerText} onChange={({ detail }) => set({ bearer: detail.checked })}>
                        {t.grantBearer}
                    </Checkbox>
                    <Checkbox checked={grants.exchange} description={t.grantExchangeText} onChange={({ detail }) => set({ exchange: detail.checked })}>
                        {t.grantExchange}
                    </Checkbox>
                </SpaceBetween>
            </FormField>
            {grants.code && (
                <FormField label={t.redirectUris} description={t.redirectUrisHint} errorText={uriError}>
                    <Textarea
                        value={grants.redirectUris}
                        rows={3}
                        spellcheck={false}
                        placeholder="https://app.example.com/oauth/callback"
                        onChange={({ detail }) => set({ redirectUris: detail.value })}
                    />
                </FormField>
            )}
            {grants.bearer && <Issuers api={api} rows={grants.issuers} onChange={(issuers) => set({ issuers })} />}
        </SpaceBetween>
    );
}

import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState, type ReactNode } from "react";
import { ApplicationApi, grantsAreComplete, listApplications, words, type Application } from "../../api/applications";
import type { IdentityApi } from "../../api/identity";
import { asAwsError } from "../../aws/error";
import { CreateForm } from "../../parts/create_form";
import { notify } from "../../parts/flash";
import { formatDate } from "../../parts/format";
import { usePages } from "../../parts/load";
import { Page } from "../../parts/page";
import { ResourceTable } from "../../parts/table";
import { href, navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { WithCenter } from "./center";
import { GrantFields, noGrants } from "./grants";

const listPath = "/identity-center/applications";
const addPath = `${listPath}/add`;
const customProvider = "arn:aws:sso::aws:applicationProvider/custom";

export const applicationPath = (arn: string): string => `${listPath}/${encodeURIComponent(arn)}`;

export function ApplicationStatus({ application }: { application: Application }): ReactNode {
    const { common } = useTexts();
    return application.Status === "ENABLED" ? (
        <StatusIndicator type="success">{common.enabled}</StatusIndicator>
    ) : (
        <StatusIndicator type="stopped">{common.disabled}</StatusIndicator>
    );
}

function ApplicationList({ api }: { api: IdentityApi }): ReactNode {
    const { applications: t, common } = useTexts();
    const applications = usePages((next) => listApplications(api, next), [api]);
    return (
        <ResourceTable
            title={t.title}
            loaded={applications}
            keyOf={(application) => application.ApplicationArn}
            nameOf={(application) => application.Name}
            columns={[
                {
                    id: "name",
                    header: t.name,
                    isName: true,
                    text: (application) => application.Name,
                    cell: (application) => <Link href={href(applicationPath(application.ApplicationArn))}>{application.Name}</Link>,
                },
                { id: "description", header: common.description, text: (application) => application.Description ?? "", cell: (application) => application.Description || "–" },
                { id: "status", header: common.status, text: (application) => application.Status, cell: (application) => <ApplicationStatus application={application} /> },
                { id: "visible", header: t.visibleShort, cell: (application) => (application.PortalOptions?.Visibility === "ENABLED" ? common.yes : common.no) },
                { id: "created", header: common.created, text: (application) => String(application.CreatedDate ?? ""), cell: (application) => formatDate(application.CreatedDate) },
            ]}
            empty={{ title: t.empty, text: t.emptyText, action: <Button href={href(addPath)}>{t.add}</Button> }}
            actions={
                <Button variant="primary" href={href(addPath)}>
                    {t.add}
                </Button>
            }
        />
    );
}

export function Applications(): ReactNode {
    const { applications: t } = useTexts();
    return (
        <WithCenter title={t.title}>
            {(api) => (
                <Page title={t.title} description={t.text}>
                    <ApplicationList api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

const isUrl = (text: string): boolean => /^https?:\/\/[^\s"]+$/.test(text);

function AddForm({ api }: { api: IdentityApi }): ReactNode {
    const { applications: t, common } = useTexts();
    const [name, setName] = useState("");
    const [description, setDescription] = useState("");
    const [url, setUrl] = useState("");
    const [visible, setVisible] = useState(true);
    const [grants, setGrants] = useState(noGrants);
    const [scopes, setScopes] = useState("");
    const [required, setRequired] = useState("yes");
    const isRight = name.trim() !== "" && grantsAreComplete(grants) && (url === "" || isUrl(url));
    const create = async (): Promise<void> => {
        const { ApplicationArn } = await api.admin<{ ApplicationArn: string }>("CreateApplication", {
            ApplicationProviderArn: customProvider,
            Name: name,
            Description: description || undefined,
            PortalOptions: {
                Visibility: visible ? "ENABLED" : "DISABLED",
                SignInOptions: url ? { Origin: "APPLICATION", ApplicationUrl: url } : undefined,
            },
        });
        // It is there now: what goes wrong with the rest is seen to on its page.
        try {
            const application = new ApplicationApi(api, ApplicationArn);
            await application.saveGrants(grants);
            for (const Scope of words(scopes)) await application.call("PutApplicationAccessScope", { Scope });
            await application.setNeedsAssignment(required === "yes");
            notify("success", fill(t.created, name));
        } catch (reason) {
            notify("error", asAwsError(reason).message, fill(t.createdInPart, name));
        }
        navigate(applicationPath(ApplicationArn));
    };
    return (
        <CreateForm submit={t.add} back={listPath} isComplete={isRight} onSubmit={create}>
            {(tried) => (
                <SpaceBetween size="l">
                    <Container header={<Header variant="h2">{t.details}</Header>}>
                        <SpaceBetween size="l">
                            <FormField label={t.name} errorText={tried && !name.trim() ? common.required : ""}>
                                <Input value={name} autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
                            </FormField>
                            <FormField label={<span>{common.description} - <i>{common.optional}</i></span>}>
                                <Input value={description} autoComplete={false} onChange={({ detail }) => setDescription(detail.value)} />
                            </FormField>
                            <FormField label={<span>{t.url} - <i>{common.optional}</i></span>} description={t.urlHint} errorText={url && !isUrl(url) ? fill(t.badUri, url) : ""}>
                                <Input value={url} type="url" autoComplete={false} spellcheck={false} placeholder="https://app.example.com/login" onChange={({ detail }) => setUrl(detail.value)} />
                            </FormField>
                            <Checkbox checked={visible} onChange={({ detail }) => setVisible(detail.checked)}>
                                {t.visible}
                            </Checkbox>
                        </SpaceBetween>
                    </Container>
                    <Container
                        header={
                            <Header variant="h2" description={t.signInText}>
                                {t.signIn}
                            </Header>
                        }
                    >
                        <SpaceBetween size="l">
                            <GrantFields api={api} grants={grants} tried={tried} onChange={setGrants} />
                            <FormField label={<span>{t.scopes} - <i>{common.optional}</i></span>} description={`${t.scopesText} ${t.scopeHint}`}>
                                <Input value={scopes} autoComplete={false} spellcheck={false} onChange={({ detail }) => setScopes(detail.value)} />
                            </FormField>
                        </SpaceBetween>
                    </Container>
                    <Container header={<Header variant="h2">{t.whoMay}</Header>}>
                        <RadioGroup
                            ariaLabel={t.whoMay}
                            value={required}
                            onChange={({ detail }) => setRequired(detail.value)}
                            items={[
                                { value: "yes", label: t.required, description: t.requiredText },
                                { value: "no", label: t.notRequired, description: t.notRequiredText },
                            ]}
                        />
                    </Container>
                </SpaceBetween>
            )}
        </CreateForm>
    );
}

export function AddApplication(): ReactNode {
    const { applications: t } = useTexts();
    return (
        <WithCenter title={t.add}>
            {(api) => (
                <Page title={t.add} description={t.type}>
                    <AddForm api={api} />
                </Page>
            )}
        </WithCenter>
    );
}

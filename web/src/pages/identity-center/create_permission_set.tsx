// AWS's three steps: type and policies, details, review.
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import type { MultiselectProps } from "@cloudscape-design/components/multiselect";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import Wizard from "@cloudscape-design/components/wizard";
import { useState, type ReactNode } from "react";
import type { IdentityApi } from "../../api/identity";
import { ErrorBox } from "../../parts/errors";
import { notify } from "../../parts/flash";
import { useAction } from "../../parts/load";
import { Facts, useTitle } from "../../parts/page";
import { emptyPolicy, isSendable, PolicyEditor, PolicyView, useProblems } from "../../policy/editor";
import { navigate } from "../../router";
import { fill, useTexts } from "../../texts";
import { WithCenter } from "./center";
import { durationOptions } from "./durations";
import { Boundary, ManagedPolicies, useAwsPolicies } from "../../policy/managed_policies";

const namePattern = /^[\w+=,.@-]{1,32}$/;

// The predefined ones, as AWS's console lists them.
const predefined = [
    "AdministratorAccess", "Billing", "DatabaseAdministrator", "DataScientist", "NetworkAdministrator", "PowerUserAccess",
    "ReadOnlyAccess", "SecurityAudit", "SupportUser", "SystemAdministrator", "ViewOnlyAccess",
];

function CreateWizard({ api }: { api: IdentityApi }): ReactNode {
    const { identity, identityMore: t, common } = useTexts();
    useTitle(identity.createPermissionSet);
    const policies = useAwsPolicies();
    const [step, setStep] = useState(0);
    const [tried, setTried] = useState(false);
    const [type, setType] = useState("custom");
    const [base, setBase] = useState("AdministratorAccess");
    const [managed, setManaged] = useState<readonly MultiselectProps.Option[]>([]);
    const [customer, setCustomer] = useState("");
    const [boundary, setBoundary] = useState<SelectProps.Option | null>(null);
    const [hasInline, setHasInline] = useState(false);
    const [inline, setInline] = useState(emptyPolicy);
    const [name, setName] = useState("");
    const [description, setDescription] = useState("");
    const [duration, setDuration] = useState("PT1H");
    const [relay, setRelay] = useState("");
    const action = useAction();
    const problems = useProblems(inline, "identity");
    const isCustom = type === "custom";
    const chosenName = isCustom ? name : name || base;
    const customerNames = customer.split(/[\s,]+/).filter(Boolean);
    const options = durationOptions(t);
    const arns = isCustom ? managed.map((policy) => policy.value!) : [policies.data?.find((policy) => policy.PolicyName === base)?.Arn ?? ""];
    const stepIsRight = [!(isCustom && hasInline) || isSendable(problems), namePattern.test(chosenName), true];

    const create = async (): Promise<void> => {
        const { PermissionSet } = await api.admin<{ PermissionSet: { PermissionSetArn: string } }>("CreatePermissionSet", {
            Name: chosenName,
            Description: description || undefined,
            SessionDuration: duration,
            RelayState: relay || undefined,
        });
        const place = { PermissionSetArn: PermissionSet.PermissionSetArn };
        try {
            for (const arn of arns) await api.admin("AttachManagedPolicyToPermissionSet", { ...place, ManagedPolicyArn: arn });
            for (const policy of isCustom ? customerNames : []) {
                await api.admin("AttachCustomerManagedPolicyReferenceToPermissionSet", { ...place, CustomerManagedPolicyReference: { Name: policy, Path: "/" } });
            }
            if (isCustom && boundary?.value) {
                await api.admin("PutPermissionsBoundaryToPermissionSet", { ...place, PermissionsBoundary: { ManagedPolicyArn: boundary.value } });
            }
            if (isCustom && hasInline) await api.admin("PutInlinePolicyToPermissionSet", { ...place, InlinePolicy: inline });
        } catch (reason) {
            // Half a permission set would be in the way of the next try.
            await api.admin("DeletePermissionSet", place);
            throw reason;
        }
        notify("success", fill(t.setCreated, chosenName));
        navigate("/identity-center/permission-sets");
    };

    return (
        <Wizard
            activeStepIndex={step}
            isLoadingNextStep={action.busy}
            i18nStrings={{
                submitButton: common.create,
                cancelButton: common.cancel,
                nextButton: common.next,
                previousButton: common.previous,
                stepNumberLabel: (number) => fill(common.step, number),
                collapsedStepsLabel: (number, count) => `${fill(common.step, number)} / ${count}`,
                navigationAriaLabel: identity.createPermissionSet,
            }}
            onNavigate={({ detail }) => {
                if (detail.requestedStepIndex > step && !stepIsRight[step]) return setTried(true);
                setTried(false);
                setStep(detail.requestedStepIndex);
            }}
            onCancel={() => navigate("/identity-center/permission-sets")}
            onSubmit={() => void action.run(create)}
            steps={[
                {
                    title: t.step1,
                    content: (
                        <SpaceBetween size="l">
                            <Container header={<Header variant="h2">{t.step1}</Header>}>
                                <Tiles
                                    value={type}
                                    ariaLabel={t.step1}
                                    onChange={({ detail }) => setType(detail.value)}
                                    items={[
                                        { value: "predefined", label: t.predefined, description: t.predefinedText },
                                        { value: "custom", label: t.custom, description: t.customText },
                                    ]}
                                />
                            </Container>
                            {isCustom ? (
                                <Container header={<Header variant="h2">{t.specifyPolicies}</Header>}>
                                    <SpaceBetween size="l">
                                        <ManagedPolicies label={t.awsManaged} description={t.awsManagedHint} policies={policies} chosen={managed} onChange={setManaged} />
                                        <FormField label={t.customerManaged} description={t.customerManagedHint}>
                                            <Input value={customer} onChange={({ detail }) => setCustomer(detail.value)} spellcheck={false} autoComplete={false} />
                                        </FormField>
                                        <Boundary policies={policies} chosen={boundary} onChange={setBoundary} />
                                        <Checkbox checked={hasInline} onChange={({ detail }) => setHasInline(detail.checked)}>
                                            {t.inline}
                                        </Checkbox>
                                        {hasInline && <PolicyEditor value={inline} onChange={setInline} kind="identity" label={t.inline} />}
                                    </SpaceBetween>
                                </Container>
                            ) : (
                                <Container header={<Header variant="h2">{t.policyForPredefined}</Header>}>
                                    <FormField label={t.policyForPredefined}>
                                        <Select
                                            selectedOption={{ value: base, label: base }}
                                            options={predefined.map((value) => ({ value, label: value }))}
                                            onChange={({ detail }) => setBase(detail.selectedOption.value!)}
                                        />
                                    </FormField>
                                </Container>
                            )}
                        </SpaceBetween>
                    ),
                },
                {
                    title: t.step2,
                    content: (
                        <Container header={<Header variant="h2">{t.step2}</Header>}>
                            <SpaceBetween size="l">
                                <FormField label={t.setName} description={t.setNameHint} errorText={tried && !namePattern.test(chosenName) ? t.setNameHint : ""}>
                                    <Input value={chosenName} onChange={({ detail }) => setName(detail.value)} spellcheck={false} autoComplete={false} />
                                </FormField>
                                <FormField label={<span>{common.description} - <i>{common.optional}</i></span>}>
                                    <Input value={description} onChange={({ detail }) => setDescription(detail.value)} autoComplete={false} />
                                </FormField>
                                <FormField label={t.sessionDuration}>
                                    <Select
                                        selectedOption={options.find((option) => option.value === duration)!}
                                        options={options}
                                        onChange={({ detail }) => setDuration(detail.selectedOption.value!)}
                                    />
                                </FormField>
                                <FormField label={<span>{t.relayState} - <i>{common.optional}</i></span>} description={t.relayStateHint}>
                                    <Input value={relay} onChange={({ detail }) => setRelay(detail.value)} spellcheck={false} autoComplete={false} />
                                </FormField>
                            </SpaceBetween>
                        </Container>
                    ),
                },
                {
                    title: t.step3,
                    content: (
                        <SpaceBetween size="l">
                            <Facts
                                title={t.step2}
                                facts={[
                                    [t.setName, chosenName],
                                    [t.sessionDuration, options.find((option) => option.value === duration)!.label],
                                    [t.relayState, relay || "–"],
                                    [t.awsManaged, (isCustom ? managed.map((policy) => policy.label) : [base]).join(", ") || common.none],
                                    [t.customerManaged, (isCustom ? customerNames : []).join(", ") || common.none],
                                    [t.boundary, (isCustom && boundary?.label) || common.none],
                                    [common.description, description || "–"],
                                ]}
                            />
                            {isCustom && hasInline ? <PolicyView title={t.inline} document={inline} /> : <Box color="text-body-secondary">{t.inlineNone}</Box>}
                            <ErrorBox error={action.error} />
                        </SpaceBetween>
                    ),
                },
            ]}
        />
    );
}

export function CreatePermissionSet(): ReactNode {
    const t = useTexts().identity;
    return (
        <WithCenter title={t.createPermissionSet}>
            {(api) => <CreateWizard api={api} />}
        </WithCenter>
    );
}

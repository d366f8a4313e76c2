export const records = {
    mailAbout: ["Every mail this server sent or will send: invitations, codes, verifications.", "招待、コード、確認など、このサーバーが送信する全メールの記録です。"],
    mailEmpty: ["No mail yet", "メールがまだありません"],
    mailEmptyText: ["Invite a user, and the mail appears here.", "ユーザーを招待すると、ここにメールが表示されます。"],
    mailNotSent: ["No mail server is configured: mail waits here and can be read by administrators.", "メールサーバーが設定されていません。メールはここに保存され、管理者が閲覧できます。"],
    to: ["To", "宛先"],
    subject: ["Subject", "件名"],
    kind: ["Kind", "種類"],
    sent: ["Sent", "送信日時"],
    outbox: ["Waiting", "送信待ち"],
    sentState: ["Sent", "送信済み"],
    failed: ["Failed", "失敗"],
    show: ["Show mail {0}", "メール {0} を表示"],
} as const;

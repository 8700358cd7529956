// Package webhook calls the servers that webhook steps of rules name, and brings
// their answers back as commands (run.answer).
//
// What is to be called stands in the state (fsm.DueWebhooks): nothing is kept here
// that another node would need. Only the leader calls. Whoever leads next finds what
// is still pending and calls it again, so a server is called AT LEAST ONCE for a
// step: now and then twice, and once for each try. All calls for one step carry the
// same webhook-id, by which the server knows them again; the first answer that
// reaches the log counts, and later ones are refused there.
//
// A call is a POST of ids, never of personal data, as the Standard Webhooks
// (standardwebhooks.com) have it:
//
//	webhook-id: run-42-1077
//	webhook-timestamp: 1795305600
//	webhook-signature: v1,... (HMAC-SHA256 of id.timestamp.body; only with a secret)
//
//	{"rule":"vip","run":"42","conversation":"c1","contact":"p1","try":1,"at":"2026-11-21T12:00:00.000Z"}
//
// conversation is null where the rule is about a contact alone. Any 2xx is an
// answer. Members of a JSON object in its body that the step wants to save, if they
// are texts, numbers or yes/no, go back with it; others are passed over.
//
// What it does NOT do: decide anything (the state does, when the answer arrives),
// call hosts that the operator has not listed (Hosts), follow redirects, ask a proxy,
// or accept a certificate that does not verify.
//
// Limits: MaxCalls at once, MaxCallsOfHost to one host, MaxAnswerBytes an answer,
// MaxHosts in the list. A try that finds no free place before its time is over is a
// failed try.
//
// Order of reading: caller.go (what is due, and how many at once), call.go (one
// try), answer.go, hosts.go (who may be called), secret.go, metrics.go.
package webhook

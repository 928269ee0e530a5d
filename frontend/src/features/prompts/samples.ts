/** Prompts to start from: what legal, compliance, research and finance teams usually ask about documents. */

import { EMPTY, schemaText, type Draft } from "./draft";
import { NEW_FIELD, schemaOf, type Field } from "./fields";

export interface Sample {
  /** Who usually asks this. */
  field: string;
  /** What one gets. */
  about: string;
  draft: Draft;
}

const CAREFUL =
  "Rely only on the document. Do not guess and do not add what it does not say. Keep names, amounts and dates as they are written.";
const EMPTY_IF_UNSAID = "Leave a field empty (null) when the document does not say it; never guess.";

const field = (name: string, type: Field["type"], description: string, more: Partial<Field> = {}): Field => ({
  ...NEW_FIELD,
  required: false,
  name,
  type,
  description,
  ...more,
});

const asked = (name: string, text: string, fields: Field[] = []): Draft => ({
  ...EMPTY,
  name,
  text,
  system: CAREFUL,
  schema: fields.length > 0 ? schemaText(schemaOf(fields)) : "",
});

export const SAMPLES: Sample[] = [
  {
    field: "Everyone",
    about: "What a document is and says, in five sentences.",
    draft: asked(
      "Summary",
      "Summarise this document for somebody who will not read it. Say first what kind of document it is, who wrote it " +
        "for whom and when. Then give its main points in at most five sentences, with the figures that matter. End with " +
        "what the reader has to do, or say that nothing has to be done.",
    ),
  },
  {
    field: "Legal",
    about: "Who is involved, in what role, and every date that counts.",
    draft: asked(
      "Parties and dates",
      `Who are the parties of this document, and which dates does it name? ${EMPTY_IF_UNSAID}`,
      [
        field("document_type", "text", "What kind of document it is, such as lease, invoice or letter", { required: true }),
        field("parties", "list", "Every party, each with its role: name (role)", { required: true }),
        field("signed_on", "date", "Day of the last signature, as YYYY-MM-DD"),
        field("effective_from", "date", "Day from which it holds, as YYYY-MM-DD"),
        field("other_dates", "list", "Other dates that matter, each as YYYY-MM-DD: what happens", { required: true }),
      ],
    ),
  },
  {
    field: "Legal",
    about: "Who must do what by when, and what follows if not.",
    draft: asked(
      "Obligations and deadlines",
      "List every obligation in this document. Write one line for each: who must do what, by when or how often, and what " +
        "happens if it is not done. Give the number of the section or the page where it stands. Order the lines by " +
        "deadline, those without one last. If there are no obligations, say so.",
    ),
  },
  {
    field: "Legal",
    about: "When a contract ends, and until when it must be terminated.",
    draft: asked(
      "Contract end",
      `When and how does this contract end? ${EMPTY_IF_UNSAID}`,
      [
        field("is_contract", "yes-no", "Whether the document is a contract at all", { required: true }),
        field("ends_on", "date", "Last day of the fixed term, as YYYY-MM-DD"),
        field("renews_itself", "yes-no", "Whether it goes on by itself when nobody terminates it"),
        field("renewal_period", "text", "For how long it goes on each time"),
        field("notice_period", "text", "How long before the end it must be terminated"),
        field("notice_by", "date", "Last day on which notice can be given, as YYYY-MM-DD"),
        field("clause", "text", "The decisive sentence, word for word"),
      ],
    ),
  },
  {
    field: "Finance",
    about: "Number, dates, parties and amounts of an invoice as columns.",
    draft: asked(
      "Invoice fields",
      `Read these fields from the invoice. Amounts are plain numbers with a decimal point. ${EMPTY_IF_UNSAID}`,
      [
        field("is_invoice", "yes-no", "Whether the document is an invoice at all", { required: true }),
        field("invoice_number", "text", "As it is printed"),
        field("invoice_date", "date", "As YYYY-MM-DD"),
        field("due_date", "date", "Last day for payment, as YYYY-MM-DD"),
        field("supplier", "text", "Who sends the invoice"),
        field("supplier_tax_number", "text", "VAT or tax number of the supplier"),
        field("customer", "text", "Who has to pay"),
        field("net_amount", "number", "Before tax"),
        field("tax_amount", "number", "Tax in all"),
        field("total_amount", "number", "What has to be paid"),
        field("currency", "text", "Three letters, such as EUR"),
        field("iban", "text", "Account to pay to"),
      ],
    ),
  },
  {
    field: "Compliance",
    about: "Which personal data a document holds, and how sensitive it is.",
    draft: asked(
      "Personal data",
      "Which personal data does this document contain? Name the kinds of data and whom they concern, but do not repeat " +
        "account numbers, identity numbers or health details in full: show only their last two characters.",
      [
        field("contains_personal_data", "yes-no", "Whether anything concerns an identifiable person", { required: true }),
        field("kinds", "list", "Kinds of data, such as name, address, bank account, health", { required: true }),
        field("people", "list", "Whom they concern: name or role", { required: true }),
        field("special_categories", "list", "Health, religion, union, biometric data, criminal records and the like", {
          required: true,
        }),
        field("sensitivity", "choice", "How much harm it would do if it became public", {
          required: true,
          choices: ["none", "low", "medium", "high"],
        }),
      ],
    ),
  },
  {
    field: "Compliance",
    about: "What could go wrong, how badly, and where it says so.",
    draft: asked(
      "Risks",
      "You review this document for somebody who is asked to sign or approve it. Name the risks it holds for them, at most " +
        "seven, the gravest first. For each: a short title, how grave it is (high, medium, low) and why, the passage word " +
        "for word with its section or page, and what to ask for or change. Say also what is usual in such documents but " +
        "missing here.",
    ),
  },
  {
    field: "Research",
    about: "Sort documents into classes, with a reason and how sure it is.",
    draft: asked(
      "Classification",
      "Which kind of document is this? Choose the one that fits best, and give the reason in one sentence. Choose other " +
        "only when none fits.",
      [
        field("kind", "choice", "The kind that fits best", {
          required: true,
          choices: ["contract", "invoice", "letter", "report", "form", "article", "record", "other"],
        }),
        field("topic", "text", "What it is about, in at most five words", { required: true }),
        field("language", "text", "Its main language", { required: true }),
        field("certainty", "choice", "How sure the choice is", { required: true, choices: ["low", "medium", "high"] }),
        field("reason", "text", "Why, in one sentence", { required: true }),
      ],
    ),
  },
];

internal import ContractModel

extension Linter {
    /// Templates of keys against the formats of the attributes that hold them, and against what fills them.
    func templates() -> [Finding] {
        let columns = KnownColumns(document.contract)
        return entities.flatMap { view in
            differing(view) + lookupTemplates(of: view)
                + view.templates.flatMap {
                    malformed($0, in: view) + unknown($0, in: view, columns) + ambiguous($0, in: view)
                }
        }
    }

    /// Braces that have no partner or hold nothing, and keys that are nothing at all.
    private func malformed(_ named: EntityView.NamedTemplate, in view: EntityView) -> [Finding] {
        guard let flaw = TemplateFlaw(named.template), named.isKey || flaw != .empty else { return [] }
        return [
            finding(
                .templateMalformed, at: named.position, about: view.subject(named.key),
                "\(view.shortName)'s \(named.name) \"\(named.template.source.shown)\" \(flaw.told).",
                advice: flaw.advice)
        ]
    }

    private func lookupTemplates(of view: EntityView) -> [Finding] {
        view.entity.uniqueConstraints.enumerated().flatMap { number, constraint -> [Finding] in
            guard let lookup = constraint.lookup, lookup.entity == nil else { return [] }
            let marks = view.marks?.uniqueConstraints ?? []
            let names = constraint.attributes.joined(separator: "+")
            let templates = [(lookup.partitionKeyTemplate, "pk_template"), (lookup.sortKeyTemplate, "sk_template")]
            return templates.flatMap { template, name in
                template.map {
                    EntityView.NamedTemplate(
                        template: $0, name: "lookup item's \(name)", key: names,
                        position: marks.indices.contains(number) ? marks[number] : view.marks?.start, isKey: true)
                }.map { malformed($0, in: view) } ?? []
            }
        }
    }

    private func differing(_ view: EntityView) -> [Finding] {
        let keys = [
            (
                view.table.partitionKey, view.entity.partitionKeyTemplate, view.marks?.partitionKeyTemplate,
                "pk_template"
            ),
            view.table.sortKey.map { ($0, view.entity.sortKeyTemplate, view.marks?.sortKeyTemplate, "sk_template") },
        ]
        return keys.compactMap(\.self).compactMap { key, template, position, name in
            guard let template, let format = view.attribute(key.name)?.format, template.pieces != format.pieces else {
                return nil
            }
            let place = view.marks(of: key.name)?.format.map { " (line \($0.line))" } ?? ""
            return finding(
                .templateFormatDiffers, at: position, about: view.subject(key.name),
                "\(view.entity.name)'s \(name) says \"\(template.source)\", while the format of \(key.name)\(place) says "
                    + "\"\(format.source)\".",
                advice: "Let both name the same things: keys written by one are not found by the other if they differ.")
        }
    }

    private func unknown(_ named: EntityView.NamedTemplate, in view: EntityView, _ columns: KnownColumns) -> [Finding] {
        var seen: Set<String> = []
        return named.template.placeholders.filter { seen.insert($0).inserted }.compactMap { hole in
            guard view.source(ofPlaceholder: hole, inTemplateOf: named.key) == nil,
                !columns.has(hole, in: view.entity.sourceTable)
            else { return nil }
            return finding(
                .templateUnknownPlaceholder, at: named.position, about: "\(view.subject(named.key)) {\(hole.shown)}",
                "\(view.shortName)'s \(named.name) \"\(named.template.source.shown)\" needs {\(hole.shown)}, which no attribute, "
                    + "column or join of it provides.",
                advice:
                    "Name an attribute or a column of \(view.entity.sourceTable ?? "its source"), or add the join that gives it."
            )
        }
    }

    private func ambiguous(_ named: EntityView.NamedTemplate, in view: EntityView) -> [Finding] {
        guard named.isKey else { return [] }
        if case .adjacentHoles(let left, let right)? = named.template.adjacentHoles {
            return [
                ambiguity(
                    named, in: view, "nothing stands between {\(left)} and {\(right)}", "Put a separator between them.")
            ]
        }
        return named.template.separators.compactMap { hole, separator in
            guard let why = view.holds(separator, hole: hole, key: named.key) else { return nil }
            return ambiguity(
                named, in: view, "{\(hole)} is \(why) and can hold \"\(separator)\", which ends it",
                "Choose a separator that \(hole) cannot hold, or put it last.")
        }
    }

    private func ambiguity(
        _ named: EntityView.NamedTemplate, in view: EntityView, _ why: String, _ advice: String
    ) -> Finding {
        finding(
            .templateAmbiguous, at: named.position, about: view.subject(named.key),
            "\(view.shortName)'s \(named.name) \"\(named.template.source.shown)\" cannot be taken apart again: \(why).",
            advice: advice)
    }
}

/// Why a template cannot be what its author meant.
enum TemplateFlaw: Equatable {
    case empty
    case unclosed(String)
    case unopened
    case emptyHole

    /// Nil for a template whose braces pair and hold names.
    init?(_ template: KeyTemplate) {
        guard !template.source.trimmed.isEmpty else {
            self = .empty
            return
        }
        var open: Substring.Index?
        let source = template.source[...]
        for place in source.indices {
            switch source[place] {
            case "{":
                if let open {
                    self = .unclosed(String(source[open..<place]))
                    return
                }
                open = place
            case "}":
                guard let start = open else {
                    self = .unopened
                    return
                }
                guard !source[source.index(after: start)..<place].trimmed.isEmpty else {
                    self = .emptyHole
                    return
                }
                open = nil
            default: break
            }
        }
        guard let open else { return nil }
        self = .unclosed(String(source[open...]))
    }

    var told: String {
        switch self {
        case .empty: "makes an empty key, which DynamoDB refuses"
        case .unclosed(let text):
            "opens \"\(text.shown)\" and does not close it: the brace and the name stand in the key as they are"
        case .unopened: "closes a brace that it did not open: it stands in the key as it is"
        case .emptyHole: "has braces that name nothing: they stand in the key as they are"
        }
    }

    var advice: String {
        switch self {
        case .empty: "Say what the key is made of, or leave the template out."
        case .unclosed, .unopened: "Pair the braces: \"ORDER#{order_id}\"."
        case .emptyHole: "Name the attribute between them, or take them out."
        }
    }
}

/// The columns of each relational table that the contract speaks of anywhere.
struct KnownColumns {
    private var columns: [String: Set<String>] = [:]

    init(_ contract: MigrationContract) {
        for entity in contract.tables.flatMap(\.entities) {
            for attribute in entity.attributes {
                if let table = attribute.sourceTable ?? entity.sourceTable {
                    columns[table, default: []].formUnion(attribute.sourceColumns)
                }
                for step in attribute.join?.steps ?? [] {
                    for column in step.conditions.flatMap(\.columns) + step.select.columns { note(column) }
                }
                if case .jsonConstruction(let construction)? = attribute.join?.kind {
                    for column in construction.conditions.flatMap(\.columns) { note(column) }
                }
                if case .aggregate(let aggregate)? = attribute.calculation {
                    for column in aggregate.conditions.flatMap(\.columns) { note(column) }
                }
            }
        }
    }

    private mutating func note(_ column: SourceColumn) {
        if let table = column.table { columns[table, default: []].insert(column.name) }
    }

    func has(_ column: String, in table: String?) -> Bool { table.flatMap { columns[$0]?.contains(column) } ?? false }
}

extension EntityView {
    /// A template with what it is called and where it stands.
    struct NamedTemplate {
        var template: KeyTemplate
        /// "sk_template", "format of GSI1PK".
        var name: String
        /// The attribute that it makes.
        var key: String
        var position: Position?
        /// Whether it makes a key, which must be taken apart again.
        var isKey: Bool
    }

    /// Every template of this kind of item, each text for each attribute once.
    var templates: [NamedTemplate] {
        var named: [NamedTemplate] = []
        var seen: [String: Set<KeyTemplate>] = [:]
        func add(_ template: KeyTemplate?, _ name: String, _ key: String?, _ position: Position?, isKey: Bool = true) {
            guard let template, let key, seen[key, default: []].insert(template).inserted else { return }
            named.append(NamedTemplate(template: template, name: name, key: key, position: position, isKey: isKey))
        }
        add(entity.partitionKeyTemplate, "pk_template", table.partitionKey.name, marks?.partitionKeyTemplate)
        add(entity.sortKeyTemplate, "sk_template", table.sortKey?.name, marks?.sortKeyTemplate)
        for templates in entity.indexKeys {
            let index = table.index(named: templates.index)
            let position = marks?.indexTemplates[templates.index] ?? marks?.start
            add(templates.partitionKey, "partition key of \(templates.index)", index?.partitionKey.name, position)
            add(templates.sortKey, "sort key of \(templates.index)", index?.sortKey?.name, position)
        }
        let keyNames = Set(keys.map(\.attribute.name))
        for attribute in entity.attributes {
            add(
                attribute.format, "format of \(attribute.name)", attribute.name, marks(of: attribute.name)?.format,
                isKey: keyNames.contains(attribute.name))
        }
        return named
    }

    /// What makes a value of this hole hold the separator; nil where it cannot, or nothing says that it can.
    func holds(_ separator: String, hole: String, key: String) -> String? {
        let source = source(of: hole, key: key)
        let names = [hole, source?.name ?? ""] + (source?.sourceColumns ?? [])
        if source.map({ EntityView.isTime($0) }) ?? EntityView.isTime(hole) {
            return separator.allSatisfy { "-:. T".contains($0) } ? "a date" : nil
        }
        if source?.type == .N { return separator.allSatisfy { "-.0123456789".contains($0) } ? "a number" : nil }
        let words = Set(names.flatMap { NameStem.words($0) })
        let free: Set = [
            "name", "title", "description", "comment", "address", "street", "subject", "label", "text", "note",
        ]
        guard let word = words.intersection(free).sorted().first else { return nil }
        return "free text (a \(word))"
    }
}

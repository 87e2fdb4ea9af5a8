internal import ContractModel
internal import JSONBytes

/// A contract as people look at it: `contract show`.
public struct ContractReport: Sendable {
    private let document: ContractDocument

    /// Reports on a document.
    public init(_ document: ContractDocument) { self.document = document }

    /// "contract.json · 3 tables, 6 indexes, 48 access patterns".
    static func summary(of document: ContractDocument) -> String {
        func counted(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }
        let indexes = document.contract.tables.reduce(0) { $0 + $1.indexes.count }
        return "\(document.contractFile) · \(counted(document.contract.tables.count, "table", "tables")), "
            + "\(counted(indexes, "index", "indexes")), "
            + counted(document.patterns.count, "access pattern", "access patterns")
    }

    /// Tables with their keys, indexes and items, then the patterns and what they do.
    public func text(style: ReportStyle = .plain) -> String {
        var lines = [style(ContractReport.summary(of: document), .heading), ""]
        for table in document.contract.tables { lines += text(of: table, style) + [""] }
        if !document.patterns.isEmpty { lines += patterns(style) + [""] }
        return lines.joined(separator: "\n")
    }

    private func text(of table: ContractTable, _ style: ReportStyle) -> [String] {
        let size = table.estimatedItemSizeInBytes.map { ", items of \(Figures.whole(Double($0))) B" } ?? ""
        let source = table.sourceTable.map { ", from \($0)" } ?? ""
        var places = TextTable(columns: [("", .left), ("partition key", .left), ("sort key", .left), ("holds", .left)])
        places.append(
            .init("table"), .init(named(table.partitionKey)), .init(table.sortKey.map(named) ?? "–"),
            .init("everything", .faint))
        for index in table.indexes {
            let inside = table.entities.filter { $0.appears(in: index, of: table) }.map(\.name)
            let kinds = table.isMultiEntity ? " of \(Figures.list(inside))" : ""
            places.append(
                .init(index.name), .init(named(index.partitionKey)), .init(index.sortKey.map(named) ?? "–"),
                .init(projection(index.projection) + kinds, .faint))
        }
        var lines = [style(table.name, .emphasis) + style(source + size, .faint)] + places.render(style)
        if table.isMultiEntity {
            var kinds = TextTable(columns: [
                ("entity", .left), ("partition key", .left), ("sort key", .left), ("attributes", .right),
                ("copied", .right), ("size", .right),
            ])
            for entity in table.entities {
                kinds.append(
                    .init(entity.name), .init(entity.partitionKeyTemplate?.source ?? "–"),
                    .init(entity.sortKeyTemplate?.source ?? "–"),
                    .init("\(entity.attributes.count)"), .init("\(entity.attributes.count { $0.denormalized })"),
                    .init(
                        table.estimatedItemSizeInBytes(of: entity.name).map { "\(Figures.whole(Double($0))) B" } ?? "–")
                )
            }
            lines += kinds.render(style)
        }
        return lines + reasons(of: table, style)
    }

    /// Why the table and its indexes are as they are, by the documents, beside the decision itself.
    private func reasons(of table: ContractTable, _ style: ReportStyle) -> [String] {
        let all =
            table.reasons.map { (table.name, $0) }
            + table.indexes.flatMap { index in index.reasons.map { (index.name, $0) } }
        return all.flatMap { name, reason in
            TextWrap.lines(
                "\(name), \(reason.topic.rawValue): \(reason.text) (\(reason.file):\(reason.line))", indentation: 4,
                first: "  · "
            ).map { style($0, .faint) }
        }
    }

    private func patterns(_ style: ReportStyle) -> [String] {
        var table = TextTable(columns: [
            ("pattern", .left), ("peak/s", .right), ("avg/s", .right), ("", .left), ("what", .left),
            ("in DynamoDB", .left),
        ])
        for pattern in document.patterns {
            let isGuess = pattern.operations.contains(where: \.isGuess)
            let nothing = pattern.type == .none ? "nothing" : pattern.unsolvedReason == nil ? "not said" : "unsolved"
            table.append(
                .init(pattern.id), .init(pattern.peakRPS.map(Figures.short) ?? "–"),
                .init(pattern.averageRPS.map(Figures.short) ?? "–"),
                .init(isGuess ? "?" : "", .warning), .init(String(pattern.summary.prefix(38))),
                pattern.operations.isEmpty ? .init(nothing, .faint) : .init(ContractReport.told(pattern.operations)))
        }
        var lines = table.render(style)
        if document.patterns.contains(where: { $0.operations.contains(where: \.isGuess) }) {
            lines.append(
                style("  ? concluded by rule, since the documents do not say it in the contract's names", .faint))
        }
        return lines
    }

    /// "TransactWriteItems Users, Products; Query Users.GSI1".
    private static func told(_ operations: [PatternOperation]) -> String {
        var places: [(operation: String, at: [String])] = []
        for operation in operations {
            let place = OperationCost.place(operation)
            if let known = places.firstIndex(where: { $0.operation == operation.operation }) {
                if !places[known].at.contains(place) { places[known].at.append(place) }
            } else {
                places.append((operation.operation, [place]))
            }
        }
        return places.map { "\($0.operation) \($0.at.joined(separator: ", "))" }.joined(separator: "; ")
    }

    private func named(_ key: KeyAttribute) -> String { "\(key.name) (\(key.type.rawValue))" }

    private func projection(_ projection: Projection) -> String {
        switch projection {
        case .all: "all attributes"
        case .keysOnly: "keys only"
        case .include(let names): "keys and \(Figures.list(names))"
        }
    }

    /// `{"contract", "tables": [...], "patterns": [...]}`.
    public func json() -> String {
        var writer = JSONWriter(reserving: 8192)
        writer.beginObject()
        writer.member("contract", document.contractFile)
        writer.key("tables")
        writer.beginArray()
        for table in document.contract.tables { write(table, to: &writer) }
        writer.endArray()
        writer.key("patterns")
        writer.beginArray()
        for pattern in document.patterns { write(pattern, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.text + "\n"
    }

    private func write(_ table: ContractTable, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", table.name)
        writer.member("partitionKey", table.partitionKey.name)
        if let sortKey = table.sortKey { writer.member("sortKey", sortKey.name) }
        if let size = table.estimatedItemSizeInBytes { writer.member("estimatedItemSizeInBytes", size) }
        write(table.reasons, to: &writer)
        writer.key("indexes")
        writer.beginArray()
        for index in table.indexes {
            writer.beginObject()
            writer.member("name", index.name)
            writer.member("partitionKey", index.partitionKey.name)
            if let sortKey = index.sortKey { writer.member("sortKey", sortKey.name) }
            writer.member("projection", projection(index.projection))
            write(index.reasons, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("entities")
        writer.beginArray()
        for entity in table.entities {
            writer.beginObject()
            writer.member("name", entity.name)
            if let template = entity.partitionKeyTemplate { writer.member("partitionKeyTemplate", template.source) }
            if let template = entity.sortKeyTemplate { writer.member("sortKeyTemplate", template.source) }
            writer.key("attributes")
            writer.beginArray()
            for attribute in entity.attributes {
                writer.beginObject()
                writer.member("name", attribute.name)
                writer.member("type", attribute.type.rawValue)
                if attribute.denormalized { writer.member("denormalized", true) }
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private func write(_ reasons: [DesignReason], to writer: inout JSONWriter) {
        guard !reasons.isEmpty else { return }
        writer.key("reasons")
        writer.beginArray()
        for reason in reasons {
            writer.beginObject()
            writer.member("topic", reason.topic.rawValue)
            writer.member("text", reason.text)
            writer.member("file", reason.file)
            writer.member("line", reason.line)
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ pattern: AccessPattern, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", pattern.id)
        writer.member("description", pattern.summary)
        writer.member("type", pattern.type.rawValue)
        if let rate = pattern.peakRPS { writer.member("peakRPS", rate) }
        if let rate = pattern.averageRPS { writer.member("averageRPS", rate) }
        if let reason = pattern.unsolvedReason { writer.member("unsolved", reason) }
        writer.key("operations")
        writer.beginArray()
        for operation in pattern.operations {
            writer.beginObject()
            writer.member("operation", operation.operation)
            writer.member("table", operation.table)
            if let index = operation.index { writer.member("index", index) }
            if let entity = operation.entity { writer.member("entity", entity) }
            if let items = operation.itemsPerCall { writer.member("itemsPerCall", items) }
            if let consistency = operation.consistency { writer.member("consistency", consistency.rawValue) }
            if let guess = operation.guess { writer.member("guess", guess) }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

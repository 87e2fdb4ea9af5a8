internal import ContractModel

extension ContractReader {
    mutating func readCalculation(
        _ element: DocumentNode, of attribute: ContractAttribute, in list: AttributeListReader
    ) -> ContractCalculation? {
        guard element.objectValue != nil else {
            problem(element, "the calculation of \(attribute.name) is \(element.kindName); it must be an object")
            return nil
        }
        let type = typeName(of: element)
        let read: ContractCalculation? =
            switch type {
            case "aggregate": aggregate(element).map { .aggregate($0) }
            case "case": cases(element, columns: list.columns).map { .cases($0) }
            case "concat": concatenation(element, of: attribute).map { .concat($0) }
            case "date-math": .dateMath(DateMathReader(element, default: attribute.sourceColumns.first).read())
            default: nil
            }
        return read ?? .unknown(unknown(element, type: type))
    }

    private func aggregate(_ element: DocumentNode) -> Aggregate? {
        guard let table = element["target_table"]?.stringValue, let select = element["select_column"]?.stringValue,
            let name = element["operation"]?.stringValue,
            let operation = Aggregate.Operation(rawValue: name.uppercased())
        else { return nil }
        let conditions = conditions(element)
        guard !conditions.isEmpty else { return nil }
        return Aggregate(
            operation: operation, table: table, alias: element.first("join_alias", "alias")?.stringValue,
            conditions: conditions, select: SourceExpression(select))
    }

    private func cases(_ element: DocumentNode, columns: Set<String>) -> CaseCalculation? {
        let given = element["cases"]?.arrayValue ?? []
        let branches = given.compactMap { branch -> CaseCalculation.Branch? in
            guard let when = branch["when"]?.scalarText, let then = branch["then"]?.scalarText else { return nil }
            return CaseCalculation.Branch(
                when: SourceCondition(when), then: SourceExpression(value: then, columns: columns))
        }
        guard !branches.isEmpty, branches.count == given.count else { return nil }
        return CaseCalculation(
            branches: branches,
            otherwise: element["else"]?.scalarText.map { SourceExpression(value: $0, columns: columns) })
    }

    /// `columns` with a `separator`; without them, the attribute's own columns.
    private func concatenation(_ element: DocumentNode, of attribute: ContractAttribute) -> ConcatCalculation? {
        let given = element.first("columns", "parts", "select_columns", "source_columns")
        let texts = given?.arrayValue?.compactMap(\.scalarText) ?? attribute.sourceColumns
        guard !texts.isEmpty, given.map({ $0.arrayValue?.count == texts.count }) ?? true else { return nil }
        let parts = texts.map { text in
            let expression = SourceExpression(text)
            return expression.isReadable ? expression : SourceExpression(source: text, form: .text(text))
        }
        return ConcatCalculation(parts: parts, separator: element["separator"]?.stringValue ?? "")
    }
}

/// Reads what contracts write for a date calculation. Their schema names the type and nothing else, so every usual spelling is
/// taken: members of their own, an `interval` of "30 DAY", and MySQL's functions as an `expression`.
private struct DateMathReader {
    private let element: DocumentNode
    private let defaultColumn: String?
    private static let known: Set<String> = [
        "type", "operation", "column", "date", "date_column", "start", "start_column", "from", "other", "end",
        "end_column",
        "to", "amount", "value", "interval", "unit", "expression",
    ]

    init(_ element: DocumentNode, default column: String?) {
        self.element = element
        defaultColumn = column
    }

    func read() -> DateMath {
        var math = DateMath(
            operation: element["operation"]?.stringValue.flatMap(operation),
            date: expression("column", "date", "date_column", "start", "start_column", "from"),
            other: expression("other", "end", "end_column", "to"), amount: expression("amount", "value"),
            unit: element["unit"]?.stringValue.flatMap { DateMath.Unit(word: $0) })
        if let interval = element["interval"]?.scalarText { take(interval: interval, into: &math) }
        if let text = element["expression"]?.stringValue { take(expression: text, into: &math) }
        if math.date == nil { math.date = defaultColumn.map { SourceExpression($0) } }
        math.fields = (element.objectValue ?? []).filter { !DateMathReader.known.contains($0.name) }
            .map { ContractField(name: $0.name, text: $0.value.jsonText) }
        return math
    }

    private func expression(_ names: String...) -> SourceExpression? {
        names.lazy.compactMap { element[$0]?.scalarText }.first.map { SourceExpression($0) }
    }

    private func operation(_ word: String) -> DateMath.Operation? {
        switch word.lowercased().filter({ $0 != "_" && $0 != "-" && $0 != " " }) {
        case "add", "dateadd", "plus", "+": .add
        case "subtract", "sub", "datesub", "minus", "-": .subtract
        case "difference", "diff", "datediff", "timestampdiff", "between": .difference
        default: nil
        }
    }

    /// "30 DAY", "INTERVAL 30 DAY".
    private func take(interval: String, into math: inout DateMath) {
        var words = interval.split(separator: " ").map(String.init)
        if words.first?.uppercased() == "INTERVAL" { words.removeFirst() }
        guard let amount = words.first else { return }
        math.amount = SourceExpression(amount)
        if words.count > 1 { math.unit = DateMath.Unit(word: words[1]) }
    }

    /// "DATE_ADD(created_at, INTERVAL 30 DAY)", "DATEDIFF(a, b)" (a - b, in days), "TIMESTAMPDIFF(HOUR, a, b)" (b - a).
    private func take(expression text: String, into math: inout DateMath) {
        guard let open = text.firstIndex(of: "("), text.last == ")" else { return }
        let arguments = text[text.index(after: open)...].dropLast().split(separator: ",").map { $0.trimmed }
        math.operation = operation(String(text[..<open]))
        switch (text[..<open].uppercased(), arguments.count) {
        case ("DATE_ADD", 2), ("DATE_SUB", 2), ("ADDDATE", 2), ("SUBDATE", 2):
            math.date = SourceExpression(arguments[0])
            take(interval: arguments[1], into: &math)
        case ("DATEDIFF", 2):
            (math.date, math.other, math.unit) = (SourceExpression(arguments[1]), SourceExpression(arguments[0]), .day)
        case ("TIMESTAMPDIFF", 3):
            (math.date, math.other) = (SourceExpression(arguments[1]), SourceExpression(arguments[2]))
            math.unit = DateMath.Unit(word: arguments[0])
        default: math.operation = nil
        }
    }
}

internal import ContractModel
internal import JSONBytes

/// What an item tells of the rows that it was made of.
public struct RestoredRow: Sendable, Hashable {
    /// The columns of its own row that the item tells.
    public var row: SourceRow = [:]
    /// Columns of rows that joins had found, by table or alias.
    public var joined: [String: SourceRow] = [:]
    /// The rows that a JSON construction had taken, by table.
    public var constructed: [String: [SourceRow]] = [:]
    /// What cannot be turned back, and why.
    public var lost: [Loss] = []

    /// An attribute from which nothing can be told of the source.
    public struct Loss: Sendable, Hashable {
        /// Why nothing can be told.
        public enum Reason: Sendable, Hashable {
            /// A sum, count or the like of other rows.
            case aggregate
            /// Which case applied, and of what, is not known any more.
            case caseCalculation
            /// Where one part ends and the next begins is not known: NULLs were left out.
            case concatenation
            /// A date moved by months, or the time between two dates.
            case dateCalculation
            /// An expression of columns.
            case computed
            /// A chain's texts put together.
            case chain
            /// A text whose parts have nothing between them, or that is not of its template.
            case template
            /// A value that is not in its format, or a format that cannot be read.
            case format
            /// What the format cuts off: the time of a date, digits of a number. What it leaves is restored.
            case precision
            /// Rows beyond the most that the construction takes, if there were any. Those that it took are restored.
            case limit
            /// A type that is not known.
            case unknown
        }

        /// The attribute.
        public var attribute: String
        /// Why.
        public var reason: Reason

        /// Names an attribute and the reason.
        public init(attribute: String, reason: Reason) {
            self.attribute = attribute
            self.reason = reason
        }
    }
}

extension SourceMapping {
    /// The row that an item was made of, as far as the item tells it.
    ///
    /// - Parameter types: what the columns hold, by their names, those of other tables as "users.email"; where nothing is
    ///   said, the contract's `source_type`, and else the nearest: an S is a text, an N an integer or a decimal.
    /// - Throws: where the item is not one of this kind: an attribute of another type, or a key of another form.
    public func restore(_ item: Item, types: [String: SourceType] = [:]) throws(ContractBreach) -> RestoredRow {
        var restoring = SourceRestoring(mapping: self, types: types)
        let keys = Set(templates.map(\.key.name))
        for attribute in entity.attributes where !keys.contains(attribute.name) {
            if let value = item[attribute.name], value.type != attribute.type {
                throw ContractBreach(
                    reason: "\(place)'s attribute '\(attribute.name)' is \(value.type.rawValue), the contract says "
                        + attribute.type.rawValue)
            }
            restoring.restore(attribute, from: item[attribute.name])
        }
        for (key, template) in templates { try restoring.restore(key, template, from: item, made: keys) }
        restoring.restoreAbsentRows()
        return restoring.restored
    }
}

/// One item on its way back to a row.
private struct SourceRestoring {
    let mapping: SourceMapping
    let types: [String: SourceType]
    var restored = RestoredRow()
    /// Own columns that led to no row, by what the item says of the row.
    private var absent: [String] = []

    init(mapping: SourceMapping, types: [String: SourceType]) {
        self.mapping = mapping
        self.types = types
    }

    private var ownTable: String? { mapping.entity.sourceTable ?? mapping.table.sourceTable }

    private mutating func lose(_ attribute: String, _ reason: RestoredRow.Loss.Reason) {
        restored.lost.append(RestoredRow.Loss(attribute: attribute, reason: reason))
    }

    // MARK: Attributes

    mutating func restore(_ attribute: ContractAttribute, from value: AttributeValue?) {
        if let calculation = attribute.calculation { return restore(calculation, attribute, from: value) }
        guard let join = attribute.join else { return restoreColumn(attribute, from: value) }
        switch join.kind {
        case .selfJoin(let step), .foreignKey(let step), .multiColumn(let step), .lookupTable(let step):
            guard let column = step.select.column else { return lose(attribute.name, .computed) }
            restoreJoined(column, step, attribute, from: value)
        case .conditional(let conditional): restoreConditional(conditional, attribute, from: value)
        case .chain(let chain):
            guard chain.separator == nil else { return lose(attribute.name, .chain) }
            guard let step = chain.steps.last, let column = step.select.column else {
                return lose(attribute.name, .computed)
            }
            restoreJoined(column, step, attribute, from: value)
        case .jsonConstruction(let construction): restoreRows(construction, attribute, from: value)
        case .unknown: lose(attribute.name, .unknown)
        }
    }

    private func nullText(of attribute: ContractAttribute) -> String? {
        attribute.nullValue ?? attribute.join?.nullValue
    }

    private func isNull(_ value: AttributeValue?, _ attribute: ContractAttribute) -> Bool {
        guard let value, value != .null else { return true }
        guard let text = nullText(of: attribute) else { return false }
        return (value.stringValue ?? value.numberText) == text
    }

    private mutating func restoreColumn(_ attribute: ContractAttribute, from value: AttributeValue?) {
        if case .stringFormat(let template)? = attribute.transformation {
            return restoreTemplate(template, attribute, from: value)
        }
        guard attribute.sourceColumns.count == 1, let column = attribute.sourceColumns.first else {
            return lose(attribute.name, .computed)
        }
        let name = column.split(separator: ".").last.map(String.init) ?? column
        guard let source = source(of: value, attribute, type: type(of: name, attribute)) else {
            return lose(attribute.name, attribute.transformation?.isKnown == false ? .unknown : .format)
        }
        if !source.isNull { losePrecision(of: attribute, type(of: name, attribute)) }
        setOwn(name, source)
    }

    /// Tells what the attribute's format may have cut off, unless the column's type says that there was nothing to cut.
    private mutating func losePrecision(of attribute: ContractAttribute, _ type: SourceType?) {
        switch attribute.transformation {
        case .dateFormat(let format, _)?:
            let isDay = attribute.sourceType.map { $0.lowercased().prefix(while: \.isLetter) == "date" } ?? false
            if !isDay, format.cutsTime { lose(attribute.name, .precision) }
        case .numberFormat(let format)?:
            guard let most = format.shape?.mostFractionDigits else { return }
            switch type {
            case .integer?, .boolean?: return
            case .decimal(let scale)? where scale <= most: return
            default: lose(attribute.name, .precision)
            }
        default: return
        }
    }

    /// The source value in front of the attribute's transformation; nil where that cannot be told.
    private func source(of value: AttributeValue?, _ attribute: ContractAttribute, type: SourceType?) -> SourceValue? {
        guard let value, !isNull(value, attribute) else { return .null }
        switch attribute.transformation {
        case nil, .stringFormat: return SourceValue(value, type: type)
        case .dateFormat(let format, let sourceFormat):
            guard let text = value.stringValue ?? value.numberText, let date = SourceDate(text, in: format) else {
                return nil
            }
            guard let sourceFormat, type != .date else { return .date(date) }
            return date.text(in: sourceFormat).map(SourceValue.text)
        case .numberFormat(let format):
            guard let text = value.stringValue ?? value.numberText, let number = format.shape?.number(in: text) else {
                return nil
            }
            return SourceValue(.number(number.text), type: type)
        case .jsonParse: return .json(JSONItems.text(JSONItems.json(value)))
        case .unknown: return nil
        }
    }

    private mutating func restoreTemplate(
        _ template: KeyTemplate, _ attribute: ContractAttribute, from value: AttributeValue?
    ) {
        if isNull(value, attribute) {
            if template.placeholders.count == 1 { setOwn(template.placeholders[0], .null) }
            return
        }
        guard !template.placeholders.isEmpty else { return }
        guard let text = value?.keyText, template.adjacentHoles == nil, let parts = template.parse(text) else {
            return lose(attribute.name, .template)
        }
        for (hole, part) in parts {
            setOwn(hole, SourceValue(.string(part), type: type(of: hole, nil)) ?? .text(part))
        }
    }

    // MARK: Joins

    private mutating func restoreJoined(
        _ column: SourceColumn, _ step: JoinStep, _ attribute: ContractAttribute, from value: AttributeValue?
    ) {
        let type = types["\(step.table).\(column.name)"] ?? attribute.sourceType.flatMap { SourceType(mysql: $0) }
        guard let source = source(of: value, attribute, type: type) else { return lose(attribute.name, .format) }
        if !source.isNull { losePrecision(of: attribute, type) }
        // What the join sets equal to an own column is that column; of a row that was not found, nothing is known.
        if let pair = step.columnPairs?.first(where: { $0.joined.name == column.name }), !source.isNull,
            pair.local.table == nil || pair.local.table == ownTable || step.comparesRowWithItself
        {
            return setOwn(pair.local.name, source)
        }
        guard !source.isNull else {
            // What the contract writes where there is no row tells that the own column leads to none.
            if nullText(of: attribute) != nil, let pairs = step.columnPairs, pairs.count == 1,
                pairs[0].local.table == nil || pairs[0].local.table == ownTable || step.comparesRowWithItself
            {
                absent.append(pairs[0].local.name)
            }
            return
        }
        restored.joined[step.name, default: [:]][column.name] = source
    }

    private mutating func restoreConditional(
        _ join: ConditionalJoin, _ attribute: ContractAttribute, from value: AttributeValue?
    ) {
        guard let column = join.condition.absentColumn ?? join.condition.presentColumn else {
            return lose(attribute.name, .caseCalculation)
        }
        let (whenNull, whenNot) =
            join.condition.absentColumn != nil
            ? (join.step.select, join.elseValue) : (join.elseValue, Optional(join.step.select))
        let text = value?.stringValue ?? value?.numberText
        if text == whenNull?.constantText { return setOwn(column.name, .null) }
        guard let selected = whenNot?.column else { return lose(attribute.name, .computed) }
        let step = join.step
        guard selected.table == nil else { return restoreJoined(selected, step, attribute, from: value) }
        guard let source = source(of: value, attribute, type: type(of: selected.name, nil)) else {
            return lose(attribute.name, .format)
        }
        setOwn(selected.name, source)
    }

    private mutating func restoreRows(
        _ construction: JSONConstruction, _ attribute: ContractAttribute, from value: AttributeValue?
    ) {
        guard let value, !isNull(value, attribute) else { return }
        var document: AttributeValue? = value
        if let text = value.stringValue {
            document = (try? JSONValue.parse(Array(text.utf8))).flatMap(JSONItems.value)
        }
        let objects: [AttributeValue]
        switch document {
        case .list(let elements)?: objects = elements
        case .map?: objects = [document].compactMap(\.self)
        default: return lose(attribute.name, .format)
        }
        var rows: [SourceRow] = []
        for object in objects {
            guard case .map(let members) = object else { return lose(attribute.name, .format) }
            var row: SourceRow = [:]
            for member in construction.members {
                guard let column = member.value.column else { return lose(attribute.name, .computed) }
                let type = types["\(construction.table).\(column.name)"]
                row[column.name] = members[member.name].flatMap { SourceValue($0, type: type) } ?? .null
            }
            rows.append(row)
        }
        if construction.shape == .array, let limit = construction.limit, rows.count >= limit {
            lose(attribute.name, .limit)
        }
        if construction.table == ownTable, construction.shape == .object, construction.isOfTheRowItself {
            for (column, source) in rows.first ?? [:] { setOwn(column, source) }
        } else {
            restored.constructed[construction.table, default: []] += rows
        }
    }

    // MARK: Calculations

    private mutating func restore(
        _ calculation: ContractCalculation, _ attribute: ContractAttribute, from value: AttributeValue?
    ) {
        switch calculation {
        case .aggregate: lose(attribute.name, .aggregate)
        case .cases(let cases):
            // With one branch that gives a column, whatever is there is that column.
            guard cases.branches.count == 1, cases.otherwise == nil, let column = cases.branches[0].then.column,
                attribute.transformation == nil
            else { return lose(attribute.name, .caseCalculation) }
            guard let value, !isNull(value, attribute) else { return lose(attribute.name, .caseCalculation) }
            setOwn(column.name, SourceValue(value, type: type(of: column.name, attribute)) ?? .null)
        case .concat(let concat):
            guard concat.parts.count == 1, let column = concat.parts[0].column else {
                return lose(attribute.name, .concatenation)
            }
            setOwn(column.name, source(of: value, attribute, type: type(of: column.name, attribute)) ?? .null)
        case .dateMath(let math): restore(math, attribute, from: value)
        case .unknown: lose(attribute.name, .unknown)
        }
    }

    private mutating func restore(_ math: DateMath, _ attribute: ContractAttribute, from value: AttributeValue?) {
        guard math.operation == .add || math.operation == .subtract, let column = math.date?.column,
            let unit = math.unit, unit != .month, unit != .year, case .number(let text)? = math.amount?.form,
            let amount = Int(text), let source = source(of: value, attribute, type: .date),
            let date = source.date(in: nil),
            let moved = date.moved(by: math.operation == .add ? -amount : amount, unit)
        else { return lose(attribute.name, .dateCalculation) }
        setOwn(column.name, .date(moved))
    }

    // MARK: Keys

    mutating func restore(
        _ key: KeyAttribute, _ template: KeyTemplate, from item: Item, made: Set<String>
    ) throws(ContractBreach) {
        guard let value = item[key.name] else { return }
        guard !template.placeholders.isEmpty else { return }
        guard template.adjacentHoles == nil else { return lose(key.name, .template) }
        guard let text = value.keyText, let parts = template.parse(text) else {
            throw ContractBreach(
                reason: "\(mapping.place)'s key '\(key.name)' does not have the form '\(template.source)'")
        }
        for (hole, part) in parts {
            switch mapping.entity.source(ofPlaceholder: hole, inTemplateOf: key.name) {
            case .column(let column):
                setOwn(column, SourceValue(.string(part), type: type(of: column, nil)) ?? .text(part))
            case .join(let name):
                guard let attribute = mapping.entity.attribute(named: name) else { continue }
                var plain = attribute
                plain.transformation = nil
                plain.type = .S
                restore(plain, from: .string(part))
            case .attribute(let name):
                // What a template makes a key of has no attribute of its own in the item.
                guard made.contains(name), let attribute = mapping.entity.attribute(named: name) else { continue }
                restore(attribute, from: keyValue(part, attribute.type))
            case nil: continue
            }
        }
    }

    // MARK: Pieces

    /// What stands in a key as a value of the attribute's type.
    private func keyValue(_ part: String, _ type: AttributeType) -> AttributeValue {
        switch type {
        case .N: .number(part)
        case .B: Base64.decode(part).map(AttributeValue.binary) ?? .string(part)
        default: .string(part)
        }
    }

    /// Columns that led to no row are NULL, unless the item tells them otherwise.
    mutating func restoreAbsentRows() {
        for column in absent where restored.row[column] == nil { restored.row[column] = .null }
    }

    /// The first attribute that tells a column counts: those of their own come before keys.
    private mutating func setOwn(_ column: String, _ value: SourceValue) {
        if restored.row[column] == nil || restored.row[column] == .null { restored.row[column] = value }
    }

    private func type(of column: String, _ attribute: ContractAttribute?) -> SourceType? {
        types[column] ?? ownTable.flatMap { types["\($0).\(column)"] }
            ?? attribute?.sourceType.flatMap { SourceType(mysql: $0) }
            ?? mapping.entity.attributes.first {
                $0.join == nil && $0.sourceColumns == [column] && $0.sourceType != nil
            }
            .flatMap { $0.sourceType.flatMap { SourceType(mysql: $0) } }
    }
}

extension ContractTransformation {
    fileprivate var isKnown: Bool { if case .unknown = self { false } else { true } }
}

extension JSONConstruction {
    /// Whether its condition only finds the row that it starts at: "users.id = users.id".
    fileprivate var isOfTheRowItself: Bool {
        conditions.contains { ($0.equalColumns ?? []).contains { $0.left == $0.right } }
    }
}

extension SourceValue {
    /// The source value of that type that was cast to this; nil where it cannot have been.
    init?(_ value: AttributeValue, type: SourceType?) {
        let text = value.stringValue ?? value.numberText
        switch (type, value) {
        case (_, .null): self = .null
        case (.integer?, _):
            let whole = text.flatMap { ExactDecimal($0) }.flatMap { $0.fits(0) ? $0.rounded(to: 0) : nil }
            guard let number = whole.flatMap({ Int128($0.text) }) else { return nil }
            self = .integer(number)
        case (.decimal(let scale)?, _):
            guard let number = text.flatMap({ ExactDecimal($0) }), number.fits(scale) else { return nil }
            self = .decimal(number.rounded(to: scale).text)
        case (.double?, _):
            guard let number = text.flatMap(Double.init) else { return nil }
            self = .double(number)
        case (.boolean?, .bool(let flag)): self = .integer(flag ? 1 : 0)
        case (.boolean?, _):
            guard let number = text.flatMap({ Int128($0) }) else { return nil }
            self = .integer(number)
        case (.date?, _):
            guard let date = text.flatMap({ SourceDate($0) }) else { return nil }
            self = .date(date)
        case (.bytes?, .string(let text)): self = .bytes(Array(text.utf8))
        case (.text?, .binary(let bytes)):
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            self = .text(text)
        case (.json?, .string(let text)): self = .json(text)
        default: self.init(untyped: value)
        }
    }

    private init(untyped value: AttributeValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .number(let text): self = Int128(text).map(SourceValue.integer) ?? .decimal(text)
        case .binary(let bytes): self = .bytes(bytes)
        case .bool(let flag): self = .integer(flag ? 1 : 0)
        case .null: self = .null
        case .stringSet(let texts), .numberSet(let texts): self = .text(texts.joined(separator: ","))
        case .list, .map, .binarySet: self = .json(JSONItems.text(JSONItems.json(value)))
        }
    }
}

extension DateFormat {
    /// Whether a text of the format tells no time of day, or none to the second.
    fileprivate var cutsTime: Bool { if case .pieces(let pieces) = form { !pieces.contains(.second) } else { false } }
}

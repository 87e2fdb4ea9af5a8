public import ContractEngine
internal import ContractModel

/// Where a file of settings says what.
struct SettingPlaces: Sendable {
    let file: String
    private var positions: [String: [String: Position]] = [:]

    init(file: String) { self.file = file }

    /// - Parameter table: empty for what is said of all.
    mutating func add(_ value: NamedValue, table: String, name: String) {
        if positions[table]?[name] == nil { positions[table, default: [:]][name] = value.position }
    }

    /// Where the table is first spoken of.
    func position(ofTable table: String) -> Position? {
        positions[table]?.values.min { ($0.line, $0.column ?? 0) < ($1.line, $1.column ?? 0) }
    }

    func position(of name: String, table: String) -> Position? { positions[table]?[name] ?? positions[""]?[name] }
}

extension DeploymentSettings {
    /// Holds the settings against the contract: tables that it has not, and an attribute by which no item would expire.
    ///
    /// - Throws: every mistake with its file and line.
    public func check(against document: ContractDocument) throws(ContractError) {
        let contract = document.contract
        let strangers = tables.keys.filter { contract.table(named: $0) == nil }.sorted().map { name in
            problem(
                at: places?.position(ofTable: name), in: places?.file,
                "there are settings of \(name), which the contract does not have; correct the name")
        }
        let expiries = contract.tables.enumerated().compactMap { number, table -> ContractError.Problem? in
            guard let name = values(of: table).timeToLive,
                let why = DesiredTable.problem(ofTimeToLive: name, in: table)
            else { return nil }
            let text = "the time to live of \(table.name): \(why)"
            if tables[table.name]?.timeToLive ?? all.timeToLive != nil {
                return problem(at: places?.position(of: "time-to-live", table: table.name), in: places?.file, text)
            }
            let marks = document.sources.reading?.marks.tables ?? []
            let position = marks.indices.contains(number) ? marks[number].timeToLive : nil
            return problem(at: position, in: document.contractFile, text)
        }
        let problems = strangers + expiries
        guard problems.isEmpty else { throw ContractError(problems: problems) }
    }

    private func problem(at position: Position?, in file: String?, _ text: String) -> ContractError.Problem {
        ContractError.Problem(
            file: file ?? "the settings", line: position?.line, column: position?.column, text: text)
    }
}

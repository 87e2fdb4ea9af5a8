internal import ContractModel

extension EntityLayout.Field {
    /// Why a text is not in the field's form: "no date in the contract's form 'YYYY-MM-DD'"; nil where it is, or there is none.
    func flaw(of text: String) -> String? {
        if let dates { return dates.flaw(of: text, isMoment: isMoment) }
        return numbers?.flaw(of: text)
    }
}

extension DateFormat {
    /// Whether the format says what dates look like.
    var isReadable: Bool { if case .unreadable = form { false } else { true } }

    /// Why a text is no date as the format writes it; nil where it is one. One moment has one text, as the migration writes it: else
    /// it would have two keys.
    ///
    /// - Parameter isMoment: whether it has a time of day in any case.
    func flaw(of text: String, isMoment: Bool = false) -> String? {
        guard isReadable else { return nil }
        guard let date = SourceDate(text, in: self) else { return "no date in the contract's form '\(source)'" }
        guard date.hasTime || !isMoment else {
            return "no date as the contract's form '\(source)' writes it: with the time of day, which its column has"
        }
        guard let written = date.text(in: self), written != text else { return nil }
        return
            "no date as the contract's form '\(source)' writes it: in UTC, with seconds and without zeros at the end of "
            + "their fraction where the form leaves that open"
    }
}

extension NumberFormat {
    /// Why a text is no number as the format writes it; nil where it is one.
    func flaw(of text: String) -> String? {
        guard let shape, shape.number(in: text).map({ shape.text(of: $0) }) != text else { return nil }
        return "no number in the contract's form '\(source)'"
    }
}

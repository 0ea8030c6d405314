//! Reads an expression and works it out on the way, from left to right.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = signed (("*" | "/" | "%") signed | implied)*      implied: a factor that begins with "("
//! signed  = ("+" | "-")* power
//! power   = factor ("^" signed)?
//! factor  = atom "!"*
//! atom    = number | name | name "(" sum ("," sum)* ")" | "(" sum ")"
//! ```

use super::number::Number;

/// How deep parentheses, signs and powers may lie in each other.
const DEPTH: usize = 64;

type Result<T> = std::result::Result<T, String>;

/// What a whole expression comes to.
pub(super) fn expression(text: &str) -> Result<Number> {
    let mut reader = Reader { signs: text.chars().collect(), at: 0, depth: 0 };
    let number = reader.sum()?;
    match reader.peek() {
        None => Ok(number),
        Some(_) => Err(reader.unexpected()),
    }
}

struct Reader {
    signs: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader {
    /// The next sign that is not a blank.
    fn peek(&mut self) -> Option<char> {
        while self.signs.get(self.at).is_some_and(|sign| sign.is_whitespace()) {
            self.at += 1;
        }
        self.signs.get(self.at).copied()
    }

    /// Takes the next sign if it is one of these.
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let sign = self.peek().filter(|sign| wanted.contains(sign))?;
        self.at += 1;
        Some(sign)
    }

    fn unexpected(&mut self) -> String {
        match self.peek() {
            Some(sign) => {
                format!("`{}` at character {} is not expected there.", sign.escape_debug(), self.at + 1)
            }
            None => "The expression ends too early.".to_owned(),
        }
    }

    /// Reads something that lies in something else.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Number>) -> Result<Number> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("The expression is nested more than {DEPTH} deep."));
        }
        let number = read(self);
        self.depth -= 1;
        number
    }

    fn sum(&mut self) -> Result<Number> {
        let mut number = self.product()?;
        while let Some(sign) = self.take(&['+', '-', '−']) {
            let other = self.product()?;
            number = if sign == '+' { number.plus(&other)? } else { number.minus(&other)? };
        }
        Ok(number)
    }

    fn product(&mut self) -> Result<Number> {
        let mut number = self.signed()?;
        loop {
            number = match self.take(&['*', '×', '·', '/', '÷', '%']) {
                Some('/' | '÷') => number.divided_by(&self.signed()?)?,
                Some('%') => number.remainder_of(&self.signed()?)?,
                Some(_) => number.times(&self.signed()?)?,
                None if self.peek() == Some('(') => number.times(&self.power()?)?,
                None => return Ok(number),
            };
        }
    }

    fn signed(&mut self) -> Result<Number> {
        match self.take(&['+', '-', '−']) {
            Some('+') => self.deeper(Self::signed),
            Some(_) => Ok(self.deeper(Self::signed)?.negated()),
            None => self.power(),
        }
    }

    fn power(&mut self) -> Result<Number> {
        let base = self.factor()?;
        match self.take(&['^']) {
            Some(_) => base.to_the(&self.deeper(Self::signed)?),
            None => Ok(base),
        }
    }

    fn factor(&mut self) -> Result<Number> {
        let mut number = self.atom()?;
        while self.take(&['!']).is_some() {
            number = number.factorial()?;
        }
        Ok(number)
    }

    fn atom(&mut self) -> Result<Number> {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let number = self.deeper(Self::sum)?;
                self.close()?;
                Ok(number)
            }
            Some(sign) if sign.is_ascii_digit() || sign == '.' => self.number(),
            Some(sign) if sign.is_ascii_alphabetic() => self.name(),
            _ => Err(self.unexpected()),
        }
    }

    fn close(&mut self) -> Result<()> {
        match (self.take(&[')']), self.peek()) {
            (Some(_), _) => Ok(()),
            (None, None) => Err("A `)` is missing at the end.".to_owned()),
            (None, Some(_)) => Err(self.unexpected()),
        }
    }

    /// The signs from here on that fit.
    fn run(&mut self, fits: impl Fn(char) -> bool) -> String {
        let from = self.at;
        while self.signs.get(self.at).is_some_and(|sign| fits(*sign)) {
            self.at += 1;
        }
        self.signs[from..self.at].iter().collect()
    }

    fn number(&mut self) -> Result<Number> {
        let mut text = self.run(|sign| sign.is_ascii_digit() || sign == '.');
        // `2e3` is a number, `2e` is twice e without a sign between them, which is not read.
        let exponent = matches!(self.signs.get(self.at), Some('e' | 'E'))
            && match self.signs.get(self.at + 1) {
                Some('+' | '-') => self.signs.get(self.at + 2).is_some_and(char::is_ascii_digit),
                Some(sign) => sign.is_ascii_digit(),
                None => false,
            };
        if exponent {
            self.at += 1;
            text.push('e');
            text.extend(self.signs.get(self.at).filter(|sign| **sign == '-'));
            self.at += usize::from(matches!(self.signs.get(self.at), Some('+' | '-')));
            text.push_str(&self.run(|sign| sign.is_ascii_digit()));
        }
        Number::read(&text)
    }

    fn name(&mut self) -> Result<Number> {
        let name = self.run(|sign| sign.is_ascii_alphanumeric() || sign == '_');
        if let Some(constant) = Number::constant(&name) {
            return Ok(constant);
        }
        if self.take(&['(']).is_none() {
            let named: String = name.chars().take(40).collect();
            return Err(format!("`{named}` is neither a number that is known nor a function."));
        }
        let mut given = Vec::new();
        if self.peek() != Some(')') {
            given.push(self.deeper(Self::sum)?);
            while self.take(&[',', ';']).is_some() {
                given.push(self.deeper(Self::sum)?);
            }
        }
        self.close()?;
        Number::apply(&name, given)
    }
}

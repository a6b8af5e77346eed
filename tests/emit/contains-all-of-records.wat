  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32)
    (if ;; label = @1
      (i32.eqz
        (local.tee 1
          (i32.load offset=128
            (local.get $frame))))
      (then
        (return
          (i32.const 131328))))
    (local.set 1
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 64)))
    (local.set 3
      (i32.add
        (local.tee 2
          (i32.add
            (local.tee 2
              (i32.add
                (local.get $frame)
                (i32.const 200)))
            (i32.load
              (local.get 2)))
          (local.set 3
            (i32.mul
              (i32.load offset=4
                (local.get 2))
              (i32.const 16))))
        (local.get 3)))
    (local.set 4
      (i32.const 0))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.ge_u
            (local.get 2)
            (local.get 3)))
        (local.set 6
          (i32.add
            (local.tee 5
              (i32.add
                (local.tee 5
                  (local.get 1))
                (i32.load
                  (local.get 5)))
              (local.set 6
                (i32.mul
                  (i32.load offset=4
                    (local.get 5))
                  (i32.const 16))))
            (local.get 6)))
        (local.set 7
          (i32.const 0))
        (block ;; label = @3
          (loop ;; label = @4
            (br_if 1 (;@3;)
              (i32.ge_u
                (local.get 5)
                (local.get 6)))
            (br_if 1 (;@3;)
              (local.tee 7
                (if (result i32) ;; label = @5
                  (call $same_string
                    (local.get 5)
                    (local.get 2))
                  (then
                    (i64.eq
                      (i64.load offset=8
                        (local.get 5))
                      (i64.load offset=8
                        (local.get 2))))
                  (else
                    (i32.const 0)))))
            (local.set 5
              (i32.add
                (local.get 5)
                (i32.const 16)))
            (br 0 (;@4;))))
        (br_if 1 (;@1;)
          (local.tee 4
            (i32.eqz
              (local.get 7))))
        (local.set 2
          (i32.add
            (local.get 2)
            (i32.const 16)))
        (br 0 (;@2;))))
    (i32.eqz
      (local.get 4))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
